package dev.pluggable.internal.support;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Replaces the secrets of a component in texts that the component produced, because
 * components tend to repeat their settings. A value of the metadata is a secret if it
 * came from a secret store or if its key looks like the key of a secret. The mask also
 * finds a secret that is escaped as in JSON, Go, Python or HTML, encoded as in a URL, in
 * Base64, in hexadecimal digits or as a list of bytes. Immutable, except for a live mask.
 */
public final class SecretMask {

	/**
	 * A mask without secrets.
	 */
	public static final SecretMask NONE = new SecretMask(Map.of());

	private static final String MASK = "******";

	private static final int MIN_LENGTH = 3;

	/** A shorter line of a secret reveals nothing, and could be part of any text. */
	private static final int MIN_LINE_LENGTH = 8;

	/** A shorter encoded secret could be part of any text. */
	private static final int MIN_ENCODED_LENGTH = 6;

	/** A shorter beginning of a secret reveals nothing. */
	private static final int MIN_BEGINNING = 4;

	private static final int[] WRAPPED_LENGTHS = { 64, 76 };

	private static final Pattern NOT_ASCII = Pattern.compile("[^\\p{ASCII}]");

	/** Texts may be escaped several times, such as JSON in JSON. */
	private static final int MAX_LAYERS = 3;

	private static final Pattern KEY = Pattern.compile(
			"(?i).*(pass|pwd|secret|token|key|credential|connection.?string|sas|private|auth|jwt|cert|uri|url|dsn).*");

	private final List<String> declared;

	private final Set<String> read;

	/**
	 * The secrets, longest first, because a secret may contain shorter ones.
	 */
	private final List<String> secrets;

	private final List<String> encoded;

	private final @Nullable Supplier<SecretMask> current;

	/**
	 * Create a mask for the values of metadata whose keys look like keys of secrets.
	 * @param metadata metadata as it was declared
	 */
	public SecretMask(Map<String, String> metadata) {
		this(metadata.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().length() >= MIN_LENGTH && KEY.matcher(entry.getKey()).matches())
			.map(Map.Entry::getValue)
			.toList(), Set.of(), Set.of(), null);
	}

	private SecretMask(List<String> declared, Set<String> read, Set<String> readBefore,
			@Nullable Supplier<SecretMask> current) {
		this.current = current;
		this.declared = declared;
		this.read = read;
		List<String> values = Stream.of(declared, read, readBefore)
			.flatMap(Collection::stream)
			.filter((secret) -> !secret.isBlank())
			.toList();
		// Texts are shown in one line, which also changes the secrets in them.
		this.secrets = values.stream()
			.flatMap((secret) -> Stream.concat(Stream.of(secret, LogText.oneLine(secret), secret.replace(' ', '+')),
					lines(secret)))
			.flatMap(SecretMask::charsets)
			.filter((secret) -> !secret.isBlank())
			.distinct()
			.sorted(Comparator.comparingInt(String::length).reversed())
			.toList();
		this.encoded = values.stream()
			.flatMap((secret) -> Stream.concat(Stream.of(secret), lines(secret)))
			.distinct()
			.flatMap(SecretMask::encodings)
			.flatMap(SecretMask::wrapped)
			.filter((text) -> text.length() >= MIN_ENCODED_LENGTH)
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
	 * The secret as a reader sees it who takes its UTF-8 for Latin-1 or ASCII. Latin-1
	 * also finds the secret in binary data, and in escape sequences for single bytes.
	 */
	private static Stream<String> charsets(String secret) {
		byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
		if (bytes.length == secret.length()) {
			return Stream.of(secret);
		}
		return Stream.of(secret, new String(bytes, StandardCharsets.ISO_8859_1),
				new String(bytes, StandardCharsets.US_ASCII), NOT_ASCII.matcher(secret).replaceAll("?"),
				NOT_ASCII.matcher(secret).replaceAll("\uFFFD"));
	}

	/**
	 * The encoded secret, and the lines of a long one: Base64 is often written in lines
	 * of 64 or 76 characters.
	 */
	private static Stream<String> wrapped(String encoded) {
		Stream.Builder<String> texts = Stream.builder();
		texts.add(encoded);
		for (int length : WRAPPED_LENGTHS) {
			for (int from = 0; from < encoded.length() && encoded.length() > length; from += length) {
				texts.add(encoded.substring(from, Math.min(from + length, encoded.length())));
			}
		}
		return texts.build();
	}

	/**
	 * The secret in hexadecimal digits and in Base64. Base64 encodes three bytes at a
	 * time, so the encoded secret depends on the number of bytes before it. Characters
	 * that also depend on the neighbours are left out.
	 */
	private static Stream<String> encodings(String secret) {
		byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
		Set<String> encodings = new LinkedHashSet<>();
		encodings.add(HexFormat.of().formatHex(bytes));
		encodings.add(HexFormat.of().withUpperCase().formatHex(bytes));
		for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
			for (int before = 0; before < 3; before++) {
				byte[] padded = new byte[before + bytes.length];
				System.arraycopy(bytes, 0, padded, before, bytes.length);
				String text = encoder.withoutPadding().encodeToString(padded);
				int from = (before * 8 + 5) / 6;
				int to = padded.length * 8 / 6;
				encodings.add(text.substring(Math.min(from, to), to));
			}
		}
		return encodings.stream();
	}

	/**
	 * Add the values that were read from secret stores, whatever their keys and lengths.
	 * The values that were read the time before stay, because they may still be in use.
	 * @param values values that were read now
	 * @return a new mask
	 */
	public SecretMask withSecrets(Collection<String> values) {
		Set<String> now = Set.copyOf(values);
		return now.equals(this.read) ? this : new SecretMask(this.declared, now, this.read, null);
	}

	/**
	 * Combine masks.
	 * @param masks the masks
	 * @return a mask that knows the secrets of all of them
	 */
	public static SecretMask of(Collection<SecretMask> masks) {
		if (masks.size() == 1) {
			return masks.iterator().next();
		}
		return new SecretMask(masks.stream().flatMap((mask) -> mask.secrets.stream()).distinct().toList(), Set.of(),
				Set.of(), null);
	}

	/**
	 * Create a mask whose secrets change.
	 * @param current returns the mask at each time
	 * @return the mask, which is as safe for use by many threads as the supplier is
	 */
	public static SecretMask live(Supplier<SecretMask> current) {
		return new SecretMask(List.of(), Set.of(), Set.of(), current);
	}

	/**
	 * Replace the secrets in a text.
	 * @param text the text
	 * @return the text with {@code ******} in place of each secret
	 */
	public String mask(String text) {
		if (this.current != null) {
			return this.current.get().mask(text);
		}
		if (this.secrets.isEmpty() || text.isEmpty()) {
			return text;
		}
		BitSet begins = new BitSet(text.length());
		BitSet secret = find(text, begins);
		return secret.isEmpty() ? text : replace(text, secret, begins);
	}

	/**
	 * Replace the secrets in the beginning of a longer text, also one whose end is
	 * missing.
	 * @param text the beginning of the text
	 * @return the text with {@code ******} in place of each secret
	 */
	public String maskCut(String text) {
		if (this.current != null) {
			return this.current.get().maskCut(text);
		}
		String masked = mask(text);
		int shown = Stream.concat(this.secrets.stream(), this.encoded.stream())
			.mapToInt((secret) -> masked.length() - overlap(masked, secret))
			.min()
			.orElse(masked.length());
		return (shown < masked.length()) ? masked.substring(0, shown) + MASK : masked;
	}

	/**
	 * The length of the longest end of a text that is a beginning of a secret.
	 */
	private static int overlap(String text, String secret) {
		for (int length = Math.min(secret.length() - 1, text.length()); length >= MIN_BEGINNING; length--) {
			if (text.startsWith(secret.substring(0, length), text.length() - length)) {
				return length;
			}
		}
		return 0;
	}

	private BitSet find(String text, BitSet begins) {
		BitSet secret = new BitSet(text.length());
		find(DecodedText.of(text), secret, begins, 0);
		return secret;
	}

	private void find(DecodedText text, BitSet secret, BitSet begins, int layer) {
		find(text, this.secrets, secret, begins);
		find(text, this.encoded, secret, begins);
		if (layer < MAX_LAYERS) {
			for (DecodedText decoded : text.decode()) {
				find(decoded, secret, begins, layer + 1);
			}
		}
		if (layer == 0) {
			for (DecodedText bytes : text.byteLists()) {
				find(bytes, secret, begins, MAX_LAYERS);
			}
		}
	}

	private static void find(DecodedText text, List<String> values, BitSet secret, BitSet begins) {
		for (String value : values) {
			for (int i = text.indexOf(value, 0); i >= 0; i = text.indexOf(value, i + value.length())) {
				mark(text.start(i), text.end(i + value.length() - 1), secret, begins);
			}
		}
	}

	private static void mark(int start, int end, BitSet secret, BitSet begins) {
		if (secret.nextClearBit(start) >= end) {
			// A longer secret contains this one.
			return;
		}
		begins.set(start);
		secret.set(start, end);
	}

	private static String replace(String text, BitSet secret, BitSet begins) {
		StringBuilder masked = new StringBuilder();
		int shown = 0;
		for (int from = secret.nextSetBit(0); from >= 0; from = secret.nextSetBit(shown)) {
			masked.append(text, shown, from).append(MASK);
			int to = secret.nextClearBit(from);
			int next = begins.nextSetBit(from + 1);
			// Secrets that follow each other directly are masked one by one.
			shown = (next >= 0 && next < to) ? next : to;
		}
		return masked.append(text, shown, text.length()).toString();
	}

	/**
	 * Replace the secrets in binary data, such as an encoded message. The data keep their
	 * length, so an encoded message stays valid.
	 * @param data the data
	 * @return the data with {@code *} in place of each byte of a secret; the same array
	 * if there is no secret
	 */
	public byte[] mask(byte[] data) {
		if (this.current != null) {
			return this.current.get().mask(data);
		}
		if (this.secrets.isEmpty() || data.length == 0) {
			return data;
		}
		BitSet secret = find(new String(data, StandardCharsets.ISO_8859_1), new BitSet(data.length));
		if (secret.isEmpty()) {
			return data;
		}
		byte[] masked = data.clone();
		secret.stream().forEach((i) -> masked[i] = '*');
		return masked;
	}

	/**
	 * Whether there is no secret.
	 * @return {@code true} if the mask changes nothing
	 */
	public boolean isEmpty() {
		return (this.current != null) ? this.current.get().isEmpty() : this.secrets.isEmpty();
	}

	/**
	 * Whether a text contains a secret.
	 * @param text the text
	 * @return {@code true} if the mask would change the text
	 */
	public boolean isSecretIn(String text) {
		return !mask(text).equals(text);
	}

}
