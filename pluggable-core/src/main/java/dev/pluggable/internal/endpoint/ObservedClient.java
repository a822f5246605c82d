package dev.pluggable.internal.endpoint;

import dev.pluggable.observation.CallListener;
import org.jspecify.annotations.Nullable;

/**
 * A client of a component whose calls a listener may hear of.
 */
public interface ObservedClient {

	/**
	 * Return the listener.
	 * @return the listener, {@code null} if nobody listens
	 */
	@Nullable CallListener callListener();

	/**
	 * Return the name of the endpoint that serves the component.
	 * @return the name
	 */
	String endpoint();

}
