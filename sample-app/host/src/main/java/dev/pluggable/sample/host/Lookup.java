package dev.pluggable.sample.host;

import dev.pluggable.Component;
import dev.pluggable.Components;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * Finds components by the names in a URL.
 */
final class Lookup {

	private Lookup() {
	}

	/**
	 * Find a component: declared, discovered or built in.
	 * @param components all components of the kind
	 * @param kind the kind, as messages call it
	 * @param name its name
	 * @return the component's object
	 * @throws ResponseStatusException with status 404 if there is none
	 */
	static <T> T require(Components<T> components, String kind, String name) {
		return components.find(name)
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no " + kind + " '" + name
					+ "'; there are " + components.stream().map(Component::name).toList()));
	}

}
