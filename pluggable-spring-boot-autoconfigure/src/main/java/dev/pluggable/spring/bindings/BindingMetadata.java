package dev.pluggable.spring.bindings;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pluggable.InvalidRequestException;
import dev.pluggable.spring.resources.GoDuration;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a built-in binding. Names of metadata are not case-sensitive.
 * Exceptions repeat no values, because a value can be a secret.
 */
final class BindingMetadata {

	private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(?:([kmg]?)i?b?)", Pattern.CASE_INSENSITIVE);

	private final String type;

	private final Map<String, String> metadata;

	BindingMetadata(String type, Map<String, String> metadata) {
		this.type = type;
		this.metadata = metadata;
	}

	/**
	 * Refuse unknown metadata, which are spelling mistakes.
	 */
	void allow(Set<String> keys) {
		for (String key : this.metadata.keySet()) {
			if (keys.stream().noneMatch(key::equalsIgnoreCase)) {
				throw new InvalidRequestException("the metadata '" + key + "' is unknown to " + this.type
						+ ". The known metadata are " + new TreeSet<>(keys));
			}
		}
	}

	@Nullable String text(String key) {
		for (Map.Entry<String, String> entry : this.metadata.entrySet()) {
			if (entry.getKey().equalsIgnoreCase(key) && !entry.getValue().isBlank()) {
				return entry.getValue().trim();
			}
		}
		return null;
	}

	String required(String key, String example) {
		String value = text(key);
		if (value == null) {
			throw new InvalidRequestException(
					"the metadata '" + key + "' of " + this.type + " is missing; the value can be " + example);
		}
		return value;
	}

	InvalidRequestException invalid(String key, String expected) {
		return new InvalidRequestException("the metadata '" + key + "' of " + this.type + " must be " + expected);
	}

	boolean flag(String key, boolean defaultValue) {
		String value = text(key);
		Boolean flag = (value != null) ? flag(value) : Boolean.valueOf(defaultValue);
		if (flag == null) {
			throw invalid(key, "'true' or 'false'");
		}
		return flag;
	}

	static @Nullable Boolean flag(String value) {
		return switch (value.trim().toLowerCase(Locale.ROOT)) {
			case "true", "yes", "y", "t", "on", "1" -> true;
			case "false", "no", "n", "f", "off", "0" -> false;
			default -> null;
		};
	}

	Duration duration(String key, Duration defaultValue) {
		String value = text(key);
		Duration duration = (value != null) ? duration(value) : defaultValue;
		if (duration == null || duration.isZero()) {
			throw invalid(key, "a duration such as '500ms', '30s' or '1m30s'");
		}
		return duration;
	}

	/**
	 * Parse a duration in Go's notation, which Dapr's own components use.
	 * @return the duration, {@code null} if the text is not a duration or the duration is
	 * negative
	 */
	static @Nullable Duration duration(String text) {
		try {
			Duration duration = GoDuration.parse(text);
			return duration.isNegative() ? null : duration;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * Parse a number of bytes. As in Spring, {@code KB} means 1024 bytes.
	 */
	int size(String key, int defaultValue) {
		String value = text(key);
		if (value == null) {
			return defaultValue;
		}
		Matcher matcher = SIZE.matcher(value);
		long bytes = -1;
		if (matcher.matches()) {
			int power = " kmg".indexOf(matcher.group(2).toLowerCase(Locale.ROOT) + "");
			bytes = Long.parseLong(matcher.group(1)) << (10 * (matcher.group(2).isEmpty() ? 0 : power));
		}
		if (bytes < 1 || bytes >= Integer.MAX_VALUE) {
			throw invalid(key, "a size of less than 2GB such as '512KB' or '4MB'");
		}
		return (int) bytes;
	}

}
