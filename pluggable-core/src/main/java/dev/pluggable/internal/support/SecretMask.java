package dev.pluggable.internal.support;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Replaces the secrets of a component in texts that the component produced, because
 * components tend to repeat their settings. A value of the metadata is a secret if it
 * came from a secret store or if its key looks like the key of a secret. Immutable.
 */
public final class SecretMask {

	private static final int MIN_LENGTH = 3;

	/** A shorter line of a secret reveals nothing, and could be part of any text. */
	private static final int MIN_LINE_LENGTH = 8;

	private static final Pattern KEY = Pattern.compile(
			"(?i).*(pass|pwd|secret|token|key|credential|connection.?string|sas|private|auth|jwt|cert|uri|url|dsn).*");

	private final List<String> declared;

	private final Set<String> read;

	private final List<String> secrets;

	/**
	 * Create a mask for the values of metadata whose keys look like keys of secrets.
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
		// Texts are shown in one line, which also changes the secrets in them. Longer
		// secrets come first, because they may contain shorter ones.
		this.secrets = Stream.of(declared, read, readBefore)
			.flatMap(Collection::stream)
			.flatMap((secret) -> Stream.concat(Stream.of(secret, LogText.oneLine(secret)), lines(secret)))
			.filter((secret) -> !secret.isBlank())
			.distinct()
			.sorted(Comparator.comparingInt(String::length).reversed())
			.toList();
	}

	/**
	 * The lines of a secret, because the output of a process is read line by line.
	 */
	private static Stream<String> lines(String secret) {
		return secret.lines().map(String::trim).filter((line) -> line.length() >= MIN_LINE_LENGTH);
	}

	/**
	 * Add the values that were read from secret stores, whatever their keys and lengths.
	 * The values that were read the time before stay, because they may still be in use.
	 * @param values values that were read now
	 * @return a new mask
	 */
	public SecretMask withSecrets(Collection<String> values) {
		Set<String> now = Set.copyOf(values);
		return now.equals(this.read) ? this : new SecretMask(this.declared, now, this.read);
	}

	/**
	 * Replace the secrets in a text.
	 * @param text the text
	 * @return the text with {@code ******} in place of each secret
	 */
	public String mask(String text) {
		String masked = text;
		for (String secret : this.secrets) {
			masked = masked.replace(secret, "******");
		}
		return masked;
	}

}
