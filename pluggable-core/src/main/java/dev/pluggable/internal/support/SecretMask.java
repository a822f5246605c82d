package dev.pluggable.internal.support;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Hides the secrets of a component in what it says: components like to repeat what they
 * were given. A value of metadata is a secret if it came from a secret store, or if its
 * key looks like that of one. Immutable.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class SecretMask {

	private static final int MIN_LENGTH = 3;

	/** A shorter line of a secret tells nothing, and may be anywhere. */
	private static final int MIN_LINE_LENGTH = 8;

	private static final Pattern KEY = Pattern.compile(
			"(?i).*(pass|pwd|secret|token|key|credential|connection.?string|sas|private|auth|jwt|cert|uri|url|dsn).*");

	private final List<String> declared;

	private final Set<String> read;

	private final List<String> secrets;

	/**
	 * Hide the values of metadata whose keys look like secrets.
	 * @param metadata metadata as it was declared
	 */
	public SecretMask(Map<String, String> metadata) {
		this(metadata.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().length() >= MIN_LENGTH && KEY.matcher(entry.getKey()).matches())
			.map(Map.Entry::getValue)
			.toList(), Set.of(), Set.of());
	}

	private SecretMask(List<String> declared, Set<String> read, Set<String> readBefore) {
		this.declared = declared;
		this.read = read;
		// A text is shown in one line, and so may be a secret in it. The longest first,
		// since one may contain another.
		this.secrets = Stream.of(declared, read, readBefore)
			.flatMap(Collection::stream)
			.flatMap((secret) -> Stream.concat(Stream.of(secret, LogText.oneLine(secret)), lines(secret)))
			.filter((secret) -> !secret.isBlank())
			.distinct()
			.sorted(Comparator.comparingInt(String::length).reversed())
			.toList();
	}

	/**
	 * Whoever prints a key of several lines is heard line by line.
	 */
	private static Stream<String> lines(String secret) {
		return secret.lines().map(String::trim).filter((line) -> line.length() >= MIN_LINE_LENGTH);
	}

	/**
	 * Hide what was read from secret stores as well, whatever its key and length, and
	 * what was read the time before, which may still be in use.
	 * @param values values that were read
	 * @return a new mask
	 */
	public SecretMask withSecrets(Collection<String> values) {
		Set<String> now = Set.copyOf(values);
		return now.equals(this.read) ? this : new SecretMask(this.declared, now, this.read);
	}

	/**
	 * Hide the secrets in a text.
	 * @param text the text
	 * @return the text without secrets
	 */
	public String mask(String text) {
		String masked = text;
		for (String secret : this.secrets) {
			masked = masked.replace(secret, "******");
		}
		return masked;
	}

}
