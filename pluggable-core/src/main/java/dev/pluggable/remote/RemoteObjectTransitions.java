package dev.pluggable.remote;

import dev.pluggable.internal.support.Transitions;
import dev.pluggable.remote.RemoteObjectStatus.State;

/**
 * The legal transitions of {@link State}. The contributor docs draw this table.
 */
final class RemoteObjectTransitions {

	static final Transitions<State> TABLE = Transitions.startingWith(State.PENDING)
		.allow(State.PENDING, State.READY, State.CLOSED)
		.allow(State.READY, State.UNAVAILABLE, State.CLOSED)
		.allow(State.UNAVAILABLE, State.READY, State.CLOSED);

	private RemoteObjectTransitions() {
	}

}
