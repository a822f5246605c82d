package dev.pluggable;

import java.util.Locale;
import java.util.Objects;

/**
 * Which implementation of which kind a component is, written as in Dapr's component files
 * ({@code spec.type}): {@code state.redis-go} is the kind {@code state}, implemented by
 * {@code redis-go}. For a component on a socket the implementation is the file name
 * without its last extension. Types are compared without regard to case, as Dapr does.
 *
 * @param kind name of the kind, in lower case, without a dot
 * @param implementation name of the implementation, in lower case; may contain dots
 * @since 0.1.0
 */
public record ComponentType(String kind, String implementation) {

	public ComponentType {
		kind = kind.toLowerCase(Locale.ROOT);
		implementation = implementation.toLowerCase(Locale.ROOT);
		if (kind.isEmpty() || kind.indexOf('.') >= 0 || implementation.isEmpty()) {
			throw invalid(kind + "." + implementation);
		}
	}

	/**
	 * Read a type from its text.
	 * @param text kind and implementation, separated by the first dot
	 * @return the type
	 * @throws IllegalArgumentException if there is no dot, or nothing on one side of it
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
