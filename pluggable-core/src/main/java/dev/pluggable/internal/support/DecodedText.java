package dev.pluggable.internal.support;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A text whose escape sequences were decoded, with the place of each character in the
 * original text.
 */
final class DecodedText {

	private static final String CONTROL_LETTERS = "nrtbf";

	private static final String CONTROLS = "\n\r\t\b\f";

	private static final int HEX = 16;

	private static final int DECIMAL = 10;

	private static final int OCTAL = 8;

	private static final int OCTAL_DIGITS = 3;

	private static final int MAX_BYTE = 255;

	/**
	 * Characters of HTML and XML.
	 */
	private static final Pattern ENTITY = Pattern
		.compile("&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6}));");

	private static final Map<String, String> ENTITIES = Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos",
			"'");

	private static final Pattern HEX_BYTE = Pattern.compile("(?<![0-9a-zA-Z])(?:0x)?([0-9a-fA-F]{2})(?![0-9a-zA-Z])");

	private static final Pattern DECIMAL_BYTE = Pattern.compile("(?<![0-9a-zA-Z])([0-9]{1,3})(?![0-9a-zA-Z])");

	/**
	 * Between two elements of a list of bytes.
	 */
	private static final Pattern SEPARATOR = Pattern.compile("[ ,:;-]{1,2}");

	/**
	 * A shorter list is more likely a time or an address.
	 */
	private static final int MIN_BYTES = 6;

	/**
	 * Most digits in the braces of an escape sequence.
	 */
	private static final int MAX_BRACED = 6;

	private final String text;

	/**
	 * The start and the end of each character in the original text, {@code null} for the
	 * original text itself.
	 */
	private final int @Nullable [] starts;

	private final int @Nullable [] ends;

	private DecodedText(String text, int @Nullable [] starts, int @Nullable [] ends) {
		this.text = text;
		this.starts = starts;
		this.ends = ends;
	}

	static DecodedText of(String text) {
		return new DecodedText(text, null, null);
	}

	int indexOf(String part, int from) {
		return this.text.indexOf(part, from);
	}

	/**
	 * The place in the original text where a character begins.
	 */
	int start(int index) {
		return (this.starts != null) ? this.starts[index] : index;
	}

	/**
	 * The place in the original text behind a character.
	 */
	int end(int index) {
		return (this.ends != null) ? this.ends[index] : index + 1;
	}

	/**
	 * Decode one layer of escape sequences: those of JSON, Go and Python, those of URLs,
	 * and those of HTML.
	 * @return the decoded texts, empty if there is nothing to decode
	 */
	List<DecodedText> decode() {
		List<DecodedText> decoded = new ArrayList<>(2);
		if (this.text.indexOf('\\') >= 0) {
			decoded.add(new Builder().backslashes());
		}
		if (this.text.indexOf('%') >= 0) {
			decoded.add(new Builder().percents());
		}
		if (this.text.indexOf('&') >= 0 && ENTITY.matcher(this.text).find()) {
			decoded.add(new Builder().entities());
		}
		return decoded;
	}

	/**
	 * Decode lists of bytes, such as {@code [98 101 103 105 110 33]} or
	 * {@code 62:65:67:69:6e:21}. Each byte becomes a character of Latin-1.
	 * @return the decoded texts, empty if there are no lists
	 */
	List<DecodedText> byteLists() {
		List<DecodedText> decoded = new ArrayList<>(2);
		for (Pattern element : List.of(HEX_BYTE, DECIMAL_BYTE)) {
			if (element.matcher(this.text).results().limit(MIN_BYTES).count() == MIN_BYTES) {
				decoded.add(new Builder().bytes(element, (element == HEX_BYTE) ? HEX : DECIMAL));
			}
		}
		return decoded;
	}

	/**
	 * Builds the decoded text.
	 */
	private final class Builder {

		private final String source = DecodedText.this.text;

		private final StringBuilder target = new StringBuilder(this.source.length());

		private final int[] starts = new int[this.source.length()];

		private final int[] ends = new int[this.source.length()];

		DecodedText backslashes() {
			int i = 0;
			while (i < this.source.length()) {
				char c = this.source.charAt(i);
				if (c != '\\' || i + 1 == this.source.length()) {
					add(c, i, i + 1);
					i++;
					continue;
				}
				char escaped = this.source.charAt(i + 1);
				int digits = switch (escaped) {
					case 'x' -> 2;
					case 'u' -> 4;
					case 'U' -> 8;
					default -> 0;
				};
				int code = number(i + 2, digits, HEX);
				int end = i + 2 + digits;
				if (code < 0 && digits > 0) {
					int braced = braced(i + 2);
					code = (braced > 0) ? number(i + 3, braced, HEX) : -1;
					end = i + 4 + braced;
				}
				if (code < 0) {
					code = number(i + 1, OCTAL_DIGITS, OCTAL);
					end = i + 1 + OCTAL_DIGITS;
				}
				int control = CONTROL_LETTERS.indexOf(escaped);
				if (code >= 0 && Character.isValidCodePoint(code)) {
					addCodePoint(code, i, end);
					i = end;
				}
				else {
					add((control >= 0) ? CONTROLS.charAt(control) : escaped, i, i + 2);
					i += 2;
				}
			}
			return build();
		}

		DecodedText entities() {
			Matcher matcher = ENTITY.matcher(this.source);
			int from = 0;
			while (matcher.find()) {
				copy(from, matcher.start());
				from = matcher.end();
				String name = matcher.group(1);
				int code = (name != null) ? Objects.requireNonNull(ENTITIES.get(name)).charAt(0)
						: (matcher.group(2) != null) ? Integer.parseInt(matcher.group(2))
								: Integer.parseInt(matcher.group(3), HEX);
				addCodePoint(Character.isValidCodePoint(code) ? code : '?', matcher.start(), matcher.end());
			}
			copy(from, this.source.length());
			return build();
		}

		DecodedText bytes(Pattern element, int radix) {
			Matcher matcher = element.matcher(this.source);
			Matcher separator = SEPARATOR.matcher(this.source);
			int from = 0;
			while (matcher.find()) {
				if (from == 0 || !separator.region(from, matcher.start()).matches()) {
					copy(from, matcher.start());
				}
				from = matcher.end();
				int value = Integer.parseInt(matcher.group(1), radix);
				add((value <= MAX_BYTE) ? (char) value : '?', matcher.start(), from);
			}
			copy(from, this.source.length());
			return build();
		}

		private void copy(int from, int to) {
			for (int i = from; i < to; i++) {
				add(this.source.charAt(i), i, i + 1);
			}
		}

		DecodedText percents() {
			int i = 0;
			while (i < this.source.length()) {
				int end = i;
				ByteArrayOutputStream bytes = new ByteArrayOutputStream();
				for (int code = percent(end); code >= 0; code = percent(end)) {
					bytes.write(code);
					end += 3;
				}
				if (end == i) {
					add(this.source.charAt(i), i, i + 1);
					i++;
					continue;
				}
				// A character of several bytes has the place of its whole sequence.
				String decoded = bytes.toString(StandardCharsets.UTF_8);
				boolean single = decoded.length() == bytes.size();
				for (int k = 0; k < decoded.length(); k++) {
					add(decoded.charAt(k), single ? i + 3 * k : i, single ? i + 3 * k + 3 : end);
				}
				i = end;
			}
			return build();
		}

		/**
		 * The number of characters in braces. Rust and JavaScript write numbers so.
		 */
		private int braced(int index) {
			if (index >= this.source.length() || this.source.charAt(index) != '{') {
				return 0;
			}
			int close = index + 1;
			while (close < this.source.length() && close <= index + MAX_BRACED && this.source.charAt(close) != '}') {
				close++;
			}
			return (close < this.source.length() && this.source.charAt(close) == '}') ? close - index - 1 : 0;
		}

		private int percent(int index) {
			return (index < this.source.length() && this.source.charAt(index) == '%') ? number(index + 1, 2, HEX) : -1;
		}

		private int number(int from, int digits, int radix) {
			if (digits == 0 || from + digits > this.source.length()) {
				return -1;
			}
			int code = 0;
			for (int i = from; i < from + digits; i++) {
				int digit = Character.digit(this.source.charAt(i), radix);
				if (digit < 0) {
					return -1;
				}
				code = code * radix + digit;
			}
			return code;
		}

		private void addCodePoint(int code, int from, int to) {
			for (char c : Character.toChars(code)) {
				add(c, from, to);
			}
		}

		private void add(char c, int from, int to) {
			this.starts[this.target.length()] = start(from);
			this.ends[this.target.length()] = end(to - 1);
			this.target.append(c);
		}

		private DecodedText build() {
			int length = this.target.length();
			return new DecodedText(this.target.toString(), Arrays.copyOf(this.starts, length),
					Arrays.copyOf(this.ends, length));
		}

	}

}
