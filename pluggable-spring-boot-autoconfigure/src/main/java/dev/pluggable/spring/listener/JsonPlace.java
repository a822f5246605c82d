package dev.pluggable.spring.listener;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;

import org.springframework.util.ClassUtils;

/**
 * Describes the place of an error in a JSON text without any content of the text.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class JsonPlace {

	private static final boolean jacksonPresent = ClassUtils.isPresent("tools.jackson.core.JacksonException",
			JsonPlace.class.getClassLoader());

	private JsonPlace() {
	}

	/**
	 * Describe the place of an error.
	 * @param failure what was thrown
	 * @return the place in words, {@code null} if it is not known
	 */
	public static @Nullable String of(Throwable failure) {
		return jacksonPresent ? Jackson.of(failure) : null;
	}

	/**
	 * Keeps Jackson out of a class that is used without it.
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
