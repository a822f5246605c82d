package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Prepares foreign texts and durations for log lines and messages.
 */
public final class LogText {

	/**
	 * Control characters, which include those that change the direction of text, and the
	 * line and paragraph separators of Unicode.
	 */
	private static final Pattern CONTROL = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]+");

	private static final Pattern EACH_CONTROL = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

	private LogText() {
	}

	/**
	 * Put a foreign text into one line.
	 * @param text the text
	 * @return the text with a space in place of each sequence of control characters, such
	 * as line ends
	 */
	public static String oneLine(String text) {
		return CONTROL.matcher(text).replaceAll(" ");
	}

	/**
	 * Put a foreign text of any length into one short line.
	 * @param text the text
	 * @param maxLength number of characters after which the text is cut and ends with
	 * {@code ...}
	 * @return the text without control characters, and without spaces at both ends
	 */
	public static String oneLine(String text, int maxLength) {
		String line = oneLine(text).trim();
		return cut(line, maxLength);
	}

	/**
	 * Make each character of a foreign name visible.
	 * @param text the name
	 * @param maxLength number of characters after which the name is cut and ends with
	 * {@code ...}
	 * @return the name with {@code ?} in place of each control character
	 */
	public static String visible(String text, int maxLength) {
		String visible = EACH_CONTROL.matcher(text).replaceAll("?");
		return cut(visible, maxLength);
	}

	private static String cut(String text, int maxLength) {
		if (text.length() <= maxLength) {
			return text;
		}
		// Surrogate pairs stay together.
		int end = Character.isHighSurrogate(text.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
		return text.substring(0, end) + "...";
	}

	/**
	 * Write a duration as settings do.
	 * @param duration the duration
	 * @return a text such as {@code 5s} or {@code 1500ms}
	 */
	public static String duration(Duration duration) {
		return (duration.toMillis() % 1000 == 0) ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
	}

}
