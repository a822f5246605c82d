package dev.pluggable.internal.endpoint;

import java.util.Set;

import dev.pluggable.ComponentEvent;

/**
 * Told what happens to endpoints, on the host's thread.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public interface EndpointListener {

	/**
	 * The services of a new generation are known. Components that are attached now are
	 * initialised on it together with those attached earlier.
	 * @param endpoint the endpoint
	 * @param services full names of its services
	 */
	void identified(Endpoint endpoint, Set<String> services);

	/**
	 * The state of an endpoint changed, or the reason of it.
	 * @param endpoint the endpoint
	 */
	void changed(Endpoint endpoint);

	/**
	 * The outcome of a component's {@code Init} is known.
	 * @param endpoint the endpoint
	 */
	void initialized(Endpoint endpoint);

	/**
	 * A component changed.
	 * @param event what happened
	 */
	void componentChanged(ComponentEvent event);

}
