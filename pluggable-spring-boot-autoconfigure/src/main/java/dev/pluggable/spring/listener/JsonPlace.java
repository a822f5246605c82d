package dev.pluggable.spring.listener;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;

import org.springframework.util.ClassUtils;

/**
 * Describes the position of an error in a JSON text without repeating the text.
 * <p>
 * Other packages of this module use this class. It is not API.
 *
 * @since 0.1.0
 */
public final class JsonPlace {

	private static final boolean jacksonPresent = ClassUtils.isPresent("tools.jackson.core.JacksonException",
			JsonPlace.class.getClassLoader());

	private JsonPlace() {
	}

	/**
	 * Describe the position of an error.
	 * @param failure the exception of the JSON library
	 * @return line and column in words, {@code null} if the exception has no position
	 */
	public static @Nullable String of(Throwable failure) {
		return jacksonPresent ? Jackson.of(failure) : null;
	}

	/**
	 * Lets the outer class load without Jackson on the class path.
	 */
	private static final class Jackson {

		static @Nullable String of(Throwable failure) {
			if (!(failure instanceof JacksonException jackson)) {
				return null;
			}
			TokenStreamLocation location = jackson.getLocation();
			return (location == null || location.getLineNr() < 0) ? null
					: " at line " + location.getLineNr() + ", column " + location.getColumnNr();
		}

	}

}
