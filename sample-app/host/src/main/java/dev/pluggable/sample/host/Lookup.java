package dev.pluggable.sample.host;

import dev.pluggable.Component;
import dev.pluggable.Components;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * Finds components by the names in a path.
 */
final class Lookup {

	private Lookup() {
	}

	/**
	 * Find a component, whether it is declared, was found or is built in.
	 * @param components all of its kind
	 * @param kind what they are called
	 * @param name its name
	 * @return the object to call
	 * @throws ResponseStatusException with status 404 if there is none
	 */
	static <T> T require(Components<T> components, String kind, String name) {
		return components.find(name)
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no " + kind + " '" + name
					+ "'; there are " + components.stream().map(Component::name).toList()));
	}

}
