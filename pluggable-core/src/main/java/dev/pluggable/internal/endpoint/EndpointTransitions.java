package dev.pluggable.internal.endpoint;

import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.internal.support.Transitions;

import static dev.pluggable.endpoint.EndpointState.CONNECTING;
import static dev.pluggable.endpoint.EndpointState.FAILED;
import static dev.pluggable.endpoint.EndpointState.LOST;
import static dev.pluggable.endpoint.EndpointState.READY;
import static dev.pluggable.endpoint.EndpointState.REFUSED;
import static dev.pluggable.endpoint.EndpointState.WAITING;

/**
 * The legal transitions of {@link EndpointState}. The contributor docs draw this table.
 */
final class EndpointTransitions {

	static final Transitions<EndpointState> TABLE = Transitions.startingWith(WAITING)
		.allow(WAITING, CONNECTING, FAILED)
		.allow(CONNECTING, READY, LOST, FAILED, REFUSED, WAITING)
		.allow(READY, LOST, FAILED, WAITING)
		.allow(LOST, READY, FAILED, REFUSED, WAITING)
		.allow(FAILED, READY, LOST, REFUSED, WAITING)
		.allow(REFUSED, READY, LOST, FAILED, WAITING);

	private EndpointTransitions() {
	}

}
