package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How what others say, and times, are written in messages.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class LogText {

	private static final Pattern CONTROL = Pattern.compile("\\p{C}+");

	private static final Pattern EACH_CONTROL = Pattern.compile("\\p{C}");

	private LogText() {
	}

	/**
	 * A text of somebody else, fit for a line of a log.
	 * @param text the text
	 * @return the text with a space in place of control characters, such as those that
	 * end a line
	 */
	public static String oneLine(String text) {
		return CONTROL.matcher(text).replaceAll(" ");
	}

	/**
	 * A text of somebody else that may be long, fit for a line of a log.
	 * @param text the text
	 * @param maxLength beyond this length it is cut, and {@code ...} says so
	 * @return the text without control characters, and without spaces at its ends
	 */
	public static String oneLine(String text, int maxLength) {
		String line = oneLine(text).trim();
		return (line.length() <= maxLength) ? line : line.substring(0, maxLength) + "...";
	}

	/**
	 * A short text of somebody else, such as a name, of which each character counts.
	 * @param text the text
	 * @param maxLength beyond this length it is cut, and {@code ...} says so
	 * @return the text with {@code ?} in place of each control character
	 */
	public static String visible(String text, int maxLength) {
		String visible = EACH_CONTROL.matcher(text).replaceAll("?");
		return (visible.length() <= maxLength) ? visible : visible.substring(0, maxLength) + "...";
	}

	/**
	 * A time as it is written in settings.
	 * @param duration the time
	 * @return such as {@code 5s} or {@code 1500ms}
	 */
	public static String duration(Duration duration) {
		return (duration.toMillis() % 1000 == 0) ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
	}

}
