package dev.pluggable.internal.supervisor;

import dev.pluggable.internal.support.Transitions;
import dev.pluggable.plugin.PluginState;

import static dev.pluggable.plugin.PluginState.FAILED;
import static dev.pluggable.plugin.PluginState.READY;
import static dev.pluggable.plugin.PluginState.RESTARTING;
import static dev.pluggable.plugin.PluginState.STARTING;
import static dev.pluggable.plugin.PluginState.STOPPED;
import static dev.pluggable.plugin.PluginState.STOPPING;

/**
 * The legal transitions of {@link PluginState}. The contributor docs draw this table.
 */
final class PluginTransitions {

	static final Transitions<PluginState> TABLE = Transitions.startingWith(STOPPED)
		.allow(STOPPED, STARTING)
		.allow(STARTING, READY, RESTARTING, FAILED, STOPPING)
		.allow(READY, STARTING, RESTARTING, FAILED, STOPPING)
		.allow(RESTARTING, STARTING, STOPPING)
		.allow(STOPPING, STOPPED)
		.allow(FAILED, STARTING, STOPPING);

	private PluginTransitions() {
	}

}
