package dev.pluggable;

import java.util.Map;

/**
 * Makes an instance of a kind's interface: a built-in component, or one that is served to
 * other processes. If what it makes is {@link AutoCloseable}, it is closed at the end.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
@FunctionalInterface
public interface ComponentFactory<T> {

	/**
	 * Make and initialise an instance.
	 * @param name name of the component; empty if the caller named none
	 * @param metadata settings of the component, immutable
	 * @return the instance, ready for use by many threads
	 * @throws InvalidRequestException if the metadata cannot be used; the message says
	 * why
	 * @throws Exception if the component cannot work for another reason
	 */
	T create(String name, Map<String, String> metadata) throws Exception;

}
