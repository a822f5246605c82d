package dev.pluggable.state;

import java.math.BigDecimal;

import org.jspecify.annotations.Nullable;

/**
 * What the records of this package demand of their components.
 */
final class Checks {

	private Checks() {
	}

	static void notNull(@Nullable Object value, String name) {
		if (value == null) {
			throw new IllegalArgumentException("'" + name + "' must not be null");
		}
	}

	static void hasText(@Nullable String value, String name) {
		if (value == null || value.isEmpty()) {
			throw new IllegalArgumentException("'" + name + "' must not be null or empty");
		}
	}

	static void notEmpty(@Nullable String value, String name) {
		if (value != null && value.isEmpty()) {
			throw new IllegalArgumentException("'" + name + "' must not be empty; use null if there is none");
		}
	}

	static void notNegative(int value, String name) {
		if (value < 0) {
			throw new IllegalArgumentException("'" + name + "' must not be negative");
		}
	}

	static void operand(@Nullable Object value) {
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
