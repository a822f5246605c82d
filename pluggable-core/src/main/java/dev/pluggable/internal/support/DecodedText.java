package dev.pluggable.internal.support;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A text whose escape sequences were decoded, with the place of each character in the
 * original text.
 */
final class DecodedText {

	private static final String CONTROL_LETTERS = "nrtbf";

	private static final String CONTROLS = "\n\r\t\b\f";

	private static final int HEX = 16;

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
	 * Decode one layer of escape sequences: those of JSON, Go and Python, and those of
	 * URLs.
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
				int digits = (escaped == 'u') ? 4 : (escaped == 'x') ? 2 : 0;
				int code = hex(i + 2, digits);
				int control = CONTROL_LETTERS.indexOf(escaped);
				if (code >= 0) {
					add((char) code, i, i + 2 + digits);
					i += 2 + digits;
				}
				else {
					add((control >= 0) ? CONTROLS.charAt(control) : escaped, i, i + 2);
					i += 2;
				}
			}
			return build();
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

		private int percent(int index) {
			return (index < this.source.length() && this.source.charAt(index) == '%') ? hex(index + 1, 2) : -1;
		}

		private int hex(int from, int digits) {
			if (digits == 0 || from + digits > this.source.length()) {
				return -1;
			}
			int code = 0;
			for (int i = from; i < from + digits; i++) {
				int digit = Character.digit(this.source.charAt(i), HEX);
				if (digit < 0) {
					return -1;
				}
				code = code * HEX + digit;
			}
			return code;
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
