package dev.pluggable.spring.resources;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Converts unquoted YAML values to text in the same way as Dapr. Dapr reads YAML 1.1, in
 * which many words are booleans and many numbers are not decimal. Dapr then passes the
 * value to the component in JSON notation.
 */
final class YamlScalars {

	private static final Set<String> TRUE = Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On",
			"ON");

	private static final Set<String> FALSE = Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off",
			"OFF");

	private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");

	private static final Pattern INTEGER = Pattern
		.compile("[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)");

	private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

	private static final Pattern NO_NUMBER = Pattern.compile("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

	/** Maximum number of binary digits of an integer that Dapr keeps as it is. */
	private static final int INTEGER_BITS = 64;

	/** Number of decimal digits that identify any {@code double}. */
	private static final int MAX_DIGITS = 17;

	private YamlScalars() {
	}

	static boolean isNull(String plain) {
		return NULL.contains(plain);
	}

	static boolean isTrue(String plain) {
		return TRUE.contains(plain);
	}

	static boolean isFalse(String plain) {
		return FALSE.contains(plain);
	}

	/**
	 * Return the text that Dapr's components receive for an unquoted value.
	 * @throws NumberFormatException if the value is a number that JSON cannot represent
	 */
	static String text(String plain) {
		if (isNull(plain)) {
			return "";
		}
		if (isTrue(plain)) {
			return "true";
		}
		if (isFalse(plain)) {
			return "false";
		}
		if (NO_NUMBER.matcher(plain).matches()) {
			throw new NumberFormatException("not a finite number");
		}
		char first = plain.charAt(0);
		if ((first < '0' || first > '9') && "+-.".indexOf(first) < 0) {
			return plain;
		}
		String number = (first != '.') ? plain.replace("_", "") : plain;
		String text = INTEGER.matcher(number).matches() ? integer(number) : null;
		if (text == null && FLOAT.matcher(number).matches()) {
			text = decimal(number);
		}
		return (text != null) ? text : plain;
	}

	/**
	 * Return an integer in decimal notation, {@code null} if the integer is longer than
	 * 64 bits. Dapr reads such a number as a decimal.
	 */
	private static @Nullable String integer(String number) {
		boolean signed = number.startsWith("-") || number.startsWith("+");
		String digits = signed ? number.substring(1) : number;
		BigInteger value;
		if (digits.length() > INTEGER_BITS + 2) {
			return null;
		}
		if (digits.length() < 2 || digits.charAt(0) != '0') {
			value = new BigInteger(digits);
		}
		else {
			value = switch (digits.charAt(1)) {
				case 'x', 'X' -> new BigInteger(digits.substring(2), 16);
				case 'b', 'B' -> new BigInteger(digits.substring(2), 2);
				case 'o', 'O' -> new BigInteger(digits.substring(2), 8);
				default -> new BigInteger(digits, 8);
			};
		}
		if (number.startsWith("-")) {
			value = value.negate();
		}
		// A number without a sign may use the sign bit.
		boolean fits = value.bitLength() < INTEGER_BITS || (!signed && value.bitLength() == INTEGER_BITS);
		return fits ? value.toString() : null;
	}

	/**
	 * Return a decimal number in JSON notation, {@code null} if the number is too large.
	 * Dapr reads such a number as a text.
	 */
	private static @Nullable String decimal(String number) {
		double value = Double.parseDouble(number);
		if (Double.isInfinite(value)) {
			return null;
		}
		if (value == 0) {
			return number.startsWith("-") ? "-0" : "0";
		}
		BigDecimal shortest = shortest(value);
		double size = Math.abs(value);
		if (size >= 1e-6 && size < 1e21) {
			return shortest.toPlainString();
		}
		String digits = shortest.unscaledValue().abs().toString();
		int exponent = digits.length() - 1 - shortest.scale();
		return ((value < 0) ? "-" : "") + digits.charAt(0) + ((digits.length() > 1) ? "." + digits.substring(1) : "")
				+ "e" + ((exponent < 0) ? "-" : "+") + Math.abs(exponent);
	}

	/**
	 * Return the decimal number with the fewest digits that is parsed to the same value.
	 */
	private static BigDecimal shortest(double value) {
		BigDecimal exact = new BigDecimal(value);
		for (int digits = 1; digits < MAX_DIGITS; digits++) {
			BigDecimal rounded = exact.round(new MathContext(digits));
			if (rounded.doubleValue() == value) {
				return rounded.stripTrailingZeros();
			}
		}
		return exact.round(new MathContext(MAX_DIGITS)).stripTrailingZeros();
	}

}
