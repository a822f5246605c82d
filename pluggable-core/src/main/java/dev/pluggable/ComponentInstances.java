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
	 * The instance that the current call is addressed to. If {@code Init} was not called
	 * for the instance, the server creates the instance if it knows how.
	 * @return the instance
	 * @throws IllegalStateException if {@code Init} was not called for the instance, and
	 * the server does not know its settings
	 * @throws PluggableException if the server knows the settings and cannot create the
	 * instance
	 */
	T current();

	/**
	 * The instance that the current call is addressed to, for kinds whose contract has no
	 * {@code Init}. The server creates a missing instance, with the settings that it
	 * knows or else with none.
	 * @return the instance
	 * @throws PluggableException if the server cannot create the instance
	 */
	default T currentOrNew() {
		return current();
	}

	/**
	 * Initialise the instance that the current call of {@code Init} is addressed to. An
	 * instance with the same settings is kept; an instance with other settings is
	 * replaced and closed. Settings that concern only the host are not compared.
	 * @param metadata settings of the component
	 * @throws Exception if the factory throws one
	 */
	void initialize(Map<String, String> metadata) throws Exception;

	/**
	 * The settings of the host that makes the current call which concern only this host,
	 * from its last {@code Init} of the instance.
	 * @return the settings by the names of {@link ComponentKind#hostMetadata()}; empty
	 * texts for settings that other hosts have
	 */
	default Map<String, String> hostMetadata() {
		return Map.of();
	}

	/**
	 * The connection of the current call.
	 * @return an object that is the same for all calls of a connection
	 */
	default Object connection() {
		return this;
	}

}
