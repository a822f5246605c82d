package dev.pluggable.internal.endpoint;

import java.util.Set;

import dev.pluggable.ComponentEvent;

/**
 * Hears of endpoints on the host's thread. All methods except {@link #identified} are
 * called after the transition that they report, never inside the transition.
 */
public interface EndpointListener {

	/**
	 * The services of a new generation are known. This method may attach components: the
	 * endpoint initialises them together with its other components. The endpoint calls
	 * this method inside its transition to {@code READY}, so the method must not call the
	 * endpoint otherwise.
	 * @param endpoint the endpoint
	 * @param services full names of the services
	 */
	void identified(Endpoint endpoint, Set<String> services);

	/**
	 * Tell whether the first process of an endpoint may still come, because the host has
	 * not looked yet, or because the start of that process is under way. May be called
	 * from any thread.
	 * @param endpoint the endpoint
	 * @return {@code true} if the host does not know yet what becomes of the endpoint
	 */
	default boolean isComing(Endpoint endpoint) {
		return false;
	}

	/**
	 * The state of an endpoint changed, or its reason, or its generation.
	 * @param endpoint the endpoint
	 */
	void changed(Endpoint endpoint);

	/**
	 * The outcome of a component's {@code Init} is known.
	 * @param endpoint the endpoint
	 */
	void initialized(Endpoint endpoint);

	/**
	 * The status of a component changed.
	 * @param event the component and its new status
	 */
	void componentChanged(ComponentEvent event);

}
