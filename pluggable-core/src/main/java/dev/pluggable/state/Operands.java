package dev.pluggable.state;

import java.math.BigDecimal;

import org.jspecify.annotations.Nullable;

/**
 * Checks the values with which a filter compares.
 */
final class Operands {

	private Operands() {
	}

	static void check(@Nullable Object value) {
		if (value instanceof Number number) {
			try {
				new BigDecimal(number.toString());
				return;
			}
			catch (NumberFormatException ex) {
				throw new IllegalArgumentException("'value' must be a finite number");
			}
		}
		if (!(value instanceof String) && !(value instanceof Boolean)) {
			throw new IllegalArgumentException("'value' must be a String, a Number or a Boolean");
		}
	}

}
