package dev.pluggable;

import java.util.Map;

/**
 * Creates instances of a kind's interface, for built-in components and for components
 * that a server offers to other processes. An instance that is {@link AutoCloseable} is
 * closed when the component ends.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
@FunctionalInterface
public interface ComponentFactory<T> {

	/**
	 * Create and initialise an instance.
	 * @param name name of the component; empty if the caller gave none
	 * @param metadata settings of the component, immutable
	 * @return the instance, safe for use by many threads
	 * @throws InvalidRequestException if the settings are wrong; the message says why
	 * @throws Exception if the instance cannot be created for another reason
	 */
	T create(String name, Map<String, String> metadata) throws Exception;

}
