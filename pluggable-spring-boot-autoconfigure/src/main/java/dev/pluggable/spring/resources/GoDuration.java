package dev.pluggable.spring.resources;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses durations in Go's notation, such as {@code 1m30s}, {@code 500ms} and
 * {@code 1.5h}.
 * <p>
 * Other packages of this module use this class. It is not API.
 *
 * @since 0.1.0
 */
public final class GoDuration {

	private static final Pattern PART = Pattern
		.compile("\\G(\\d{1,18}(?:\\.\\d{0,18})?|\\.\\d{1,18})(ns|us|\u00b5s|\u03bcs|ms|s|m|h)");

	private static final BigDecimal LONGEST = BigDecimal.valueOf(Long.MAX_VALUE);

	private GoDuration() {
	}

	/**
	 * Parse a duration.
	 * @param text the text
	 * @return the duration, which can be negative
	 * @throws IllegalArgumentException if the text is not a duration, or the duration is
	 * too long for Go
	 */
	public static Duration parse(String text) {
		boolean negative = text.startsWith("-");
		String parts = (negative || text.startsWith("+")) ? text.substring(1) : text;
		if (parts.equals("0")) {
			return Duration.ZERO;
		}
		BigDecimal nanos = BigDecimal.ZERO;
		Matcher matcher = PART.matcher(parts);
		int end = 0;
		while (matcher.find()) {
			nanos = nanos.add(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit(matcher.group(2)))));
			end = matcher.end();
		}
		if (parts.isEmpty() || end != parts.length() || nanos.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException("'" + text + "' is not a duration");
		}
		Duration duration = Duration.ofNanos(nanos.setScale(0, RoundingMode.DOWN).longValueExact());
		return negative ? duration.negated() : duration;
	}

	private static long unit(String unit) {
		return switch (unit) {
			case "ns" -> 1;
			case "ms" -> 1_000_000;
			case "s" -> 1_000_000_000;
			case "m" -> 60_000_000_000L;
			case "h" -> 3_600_000_000_000L;
			default -> 1_000;
		};
	}

}
