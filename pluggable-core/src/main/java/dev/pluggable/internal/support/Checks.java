package dev.pluggable.internal.support;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What the records of all kinds demand of their components. Each throws an
 * {@link IllegalArgumentException} that names the component of the record.
 * <p>
 * Internal: public for the kinds of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class Checks {

	private Checks() {
	}

	/**
	 * Refuse a value that is missing.
	 * @param value the value
	 * @param name its name
	 */
	public static void notNull(@Nullable Object value, String name) {
		if (value == null) {
			throw new IllegalArgumentException("'" + name + "' must not be null");
		}
	}

	/**
	 * Refuse a text that is missing or empty.
	 * @param value the text
	 * @param name its name
	 */
	public static void hasText(@Nullable String value, String name) {
		if (value == null || value.isEmpty()) {
			throw new IllegalArgumentException("'" + name + "' must not be null or empty");
		}
	}

	/**
	 * Refuse a text that is empty instead of missing.
	 * @param value the text
	 * @param name its name
	 */
	public static void notEmpty(@Nullable String value, String name) {
		if (value != null && value.isEmpty()) {
			throw new IllegalArgumentException("'" + name + "' must not be empty; use null if there is none");
		}
	}

	/**
	 * Refuse a number below zero.
	 * @param value the number
	 * @param name its name
	 */
	public static void notNegative(int value, String name) {
		if (value < 0) {
			throw new IllegalArgumentException("'" + name + "' must not be negative");
		}
	}

	/**
	 * Refuse a number below one.
	 * @param value the number
	 * @param name its name
	 */
	public static void positive(int value, String name) {
		if (value < 1) {
			throw new IllegalArgumentException("'" + name + "' must be at least 1");
		}
	}

	/**
	 * Refuse a time that is not positive.
	 * @param value the time
	 * @param name its name
	 */
	public static void positive(@Nullable Duration value, String name) {
		if (value == null || value.isZero() || value.isNegative()) {
			throw new IllegalArgumentException("'" + name + "' must be positive");
		}
	}

	/**
	 * Refuse a time below zero.
	 * @param value the time
	 * @param name its name
	 */
	public static void notNegative(@Nullable Duration value, String name) {
		if (value == null || value.isNegative()) {
			throw new IllegalArgumentException("'" + name + "' must not be null or negative");
		}
	}

}
