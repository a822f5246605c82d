package dev.pluggable.internal.support;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Checks of arguments. Each check throws an {@link IllegalArgumentException} that names
 * the argument.
 */
public final class Checks {

	private Checks() {
	}

	/**
	 * Refuse {@code null}.
	 * @param value the argument
	 * @param name name of the argument
	 */
	public static void notNull(@Nullable Object value, String name) {
		if (value == null) {
			throw new IllegalArgumentException("'" + name + "' must not be null");
		}
	}

	/**
	 * Refuse {@code null} and an empty text.
	 * @param value the argument
	 * @param name name of the argument
	 */
	public static void hasText(@Nullable String value, String name) {
		if (value == null || value.isEmpty()) {
			throw new IllegalArgumentException("'" + name + "' must not be null or empty");
		}
	}

	/**
	 * Refuse an empty text, which an optional argument must not be.
	 * @param value the argument, {@code null} if there is none
	 * @param name name of the argument
	 */
	public static void notEmpty(@Nullable String value, String name) {
		if (value != null && value.isEmpty()) {
			throw new IllegalArgumentException("'" + name + "' must not be empty; use null if there is none");
		}
	}

	/**
	 * Refuse a number below zero.
	 * @param value the argument
	 * @param name name of the argument
	 */
	public static void notNegative(int value, String name) {
		if (value < 0) {
			throw new IllegalArgumentException("'" + name + "' must not be negative");
		}
	}

	/**
	 * Refuse a number below one.
	 * @param value the argument
	 * @param name name of the argument
	 */
	public static void positive(int value, String name) {
		if (value < 1) {
			throw new IllegalArgumentException("'" + name + "' must be at least 1");
		}
	}

	/**
	 * Refuse {@code null}, and a duration of zero or below.
	 * @param value the argument
	 * @param name name of the argument
	 */
	public static void positive(@Nullable Duration value, String name) {
		if (value == null || value.isZero() || value.isNegative()) {
			throw new IllegalArgumentException("'" + name + "' must be positive");
		}
	}

	/**
	 * Refuse {@code null}, and a duration below zero.
	 * @param value the argument
	 * @param name name of the argument
	 */
	public static void notNegative(@Nullable Duration value, String name) {
		if (value == null || value.isNegative()) {
			throw new IllegalArgumentException("'" + name + "' must not be null or negative");
		}
	}

}
