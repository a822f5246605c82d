package dev.pluggable.internal.endpoint;

import dev.pluggable.ComponentState;
import dev.pluggable.internal.support.Transitions;

import static dev.pluggable.ComponentState.GONE;
import static dev.pluggable.ComponentState.INIT_FAILED;
import static dev.pluggable.ComponentState.PENDING;
import static dev.pluggable.ComponentState.READY;
import static dev.pluggable.ComponentState.UNAVAILABLE;

/**
 * The legal transitions of {@link ComponentState} for a component on an endpoint. The
 * contributor docs draw this table.
 */
final class ComponentTransitions {

	static final Transitions<ComponentState> TABLE = Transitions.startingWith(PENDING)
		.allow(PENDING, READY, INIT_FAILED, GONE)
		.allow(READY, UNAVAILABLE, INIT_FAILED, GONE)
		.allow(UNAVAILABLE, READY, INIT_FAILED, GONE)
		.allow(INIT_FAILED, READY, PENDING, UNAVAILABLE, GONE)
		.allow(GONE, READY, INIT_FAILED, PENDING, UNAVAILABLE);

	private ComponentTransitions() {
	}

}
