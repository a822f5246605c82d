package dev.pluggable.internal.endpoint;

import java.util.concurrent.CompletionStage;

import dev.pluggable.ProbeResult;

/**
 * Asks servers and components for their health. Its methods do not block.
 */
interface Prober {

	/**
	 * Ask a server for its overall health.
	 * @param generation the connection to the server
	 * @return completes with the result and never fails
	 */
	CompletionStage<ProbeResult> server(Generation generation);

	/**
	 * Ask for the health of a component.
	 * @param component the component
	 * @param generation the connection on which the component is initialised
	 * @return completes with the result and never fails
	 */
	CompletionStage<ProbeResult> component(RemoteComponent<?> component, Generation generation);

}
