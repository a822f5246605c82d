package dev.pluggable;

import java.util.Map;

/**
 * The instances of a served kind, one for each value of the request header
 * {@code x-component-instance}. The service of a kind uses them while it answers a call.
 * Safe for use by many threads.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public interface ComponentInstances<T> {

	/**
	 * The instance that the current call is addressed to.
	 * @return the instance
	 * @throws IllegalStateException if {@code Init} was not called for the instance
	 */
	T current();

	/**
	 * Initialise the instance that the current call of {@code Init} is addressed to. An
	 * instance with the same settings is kept; an instance with other settings is
	 * replaced and closed.
	 * @param metadata settings of the component
	 * @throws Exception if the factory throws one
	 */
	void initialize(Map<String, String> metadata) throws Exception;

}
