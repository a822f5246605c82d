package dev.pluggable;

import java.util.Locale;
import java.util.Objects;

/**
 * The type of a component: the kind and its implementation, written as in Dapr's
 * component files ({@code spec.type}). {@code state.redis-go} is the implementation
 * {@code redis-go} of the kind {@code state}. The implementation of a component on a
 * socket is the file name without its last extension. Types ignore case, as in Dapr.
 * Immutable.
 *
 * @param kind name of the kind in lower case, without a dot
 * @param implementation name of the implementation in lower case; may contain dots
 * @since 0.1.0
 */
public record ComponentType(String kind, String implementation) {

	/**
	 * Create a type.
	 * @throws IllegalArgumentException if a name is empty or the kind contains a dot
	 */
	public ComponentType {
		kind = kind.toLowerCase(Locale.ROOT);
		implementation = implementation.toLowerCase(Locale.ROOT);
		if (kind.isEmpty() || kind.indexOf('.') >= 0 || implementation.isEmpty()) {
			throw invalid(kind + "." + implementation);
		}
	}

	/**
	 * Parse a type.
	 * @param text kind and implementation, separated by the first dot
	 * @return the type
	 * @throws IllegalArgumentException if the text has no dot, or nothing before or after
	 * it
	 */
	public static ComponentType of(String text) {
		Objects.requireNonNull(text, "'text' must not be null");
		String trimmed = text.trim();
		int dot = trimmed.indexOf('.');
		if (dot < 0) {
			throw invalid(text);
		}
		return new ComponentType(trimmed.substring(0, dot), trimmed.substring(dot + 1));
	}

	private static IllegalArgumentException invalid(String text) {
		return new IllegalArgumentException(
				"Component type '" + text + "' is not of the form <kind>.<implementation>, such as 'state.redis'");
	}

	@Override
	public String toString() {
		return this.kind + "." + this.implementation;
	}

}
