package dev.pluggable.internal.endpoint;

/**
 * A client of a component that knows whether its calls wait for the outcome of what the
 * host does now, such as the start of a process.
 */
public interface AwaitedClient {

	/**
	 * Tell whether calls wait for an outcome. May be called from any thread.
	 * @return {@code true} until the outcome is known
	 */
	boolean awaited();

}
