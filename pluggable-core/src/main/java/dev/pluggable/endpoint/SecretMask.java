package dev.pluggable.endpoint;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Hides the secrets of a component in what it says: components like to repeat what they
 * were given. A value of metadata is a secret if its key looks like that of one.
 */
final class SecretMask {

	private static final int MIN_LENGTH = 3;

	private static final Pattern KEY = Pattern.compile(
			"(?i).*(pass|pwd|secret|token|key|credential|connection.?string|sas|private|auth|jwt|cert|uri|url|dsn).*");

	private final List<String> secrets;

	SecretMask(Map<String, String> metadata) {
		// The longest first, since one may contain another.
		this.secrets = metadata.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().length() >= MIN_LENGTH && KEY.matcher(entry.getKey()).matches())
			.map(Map.Entry::getValue)
			.distinct()
			.sorted(Comparator.comparingInt(String::length).reversed())
			.toList();
	}

	String mask(String text) {
		String masked = text;
		for (String secret : this.secrets) {
			masked = masked.replace(secret, "******");
		}
		return masked;
	}

}
