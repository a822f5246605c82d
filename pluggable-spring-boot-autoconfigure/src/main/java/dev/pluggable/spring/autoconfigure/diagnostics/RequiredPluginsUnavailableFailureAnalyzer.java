package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.spring.host.RequiredPluginsUnavailableException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Failure analyzer for required plugins that are not ready. The analysis uses the output
 * of the processes.
 */
class RequiredPluginsUnavailableFailureAnalyzer extends AbstractFailureAnalyzer<RequiredPluginsUnavailableException> {

	private final PropertyOrigins origins;

	RequiredPluginsUnavailableFailureAnalyzer(@Nullable Environment environment) {
		this.origins = new PropertyOrigins(environment);
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, RequiredPluginsUnavailableException cause) {
		Explanation description = new Explanation().line("Required plugins are not ready:").line("");
		cause.getPlugins().forEach((plugin) -> description.item(describe(plugin)));
		description.list("The plugins are set by:", cause.getPlugins().stream().map(this::where).toList(), "");
		cause.getPlugins().forEach((plugin) -> output(description, plugin));
		return Explanation.analysis(description, action(cause), cause);
	}

	private static String describe(PluginStatus plugin) {
		return "'" + plugin.name() + "' is " + plugin.state()
				+ ((plugin.reason() != null) ? ": " + plugin.reason() : "");
	}

	private String where(PluginStatus plugin) {
		String command = PropertyOrigins.plugin(plugin.name(), "command");
		String address = PropertyOrigins.plugin(plugin.name(), "reattach.address");
		return this.origins
			.describe((this.origins.find(command) == null && this.origins.find(address) != null) ? address : command);
	}

	private static void output(Explanation description, PluginStatus plugin) {
		description.list("Last output of the process of '" + plugin.name() + "':", plugin.lastOutput(), "nothing");
	}

	private static Explanation action(RequiredPluginsUnavailableException cause) {
		Explanation action = new Explanation().line("Check the reasons above, and:").line("");
		for (PluginStatus plugin : cause.getPlugins()) {
			if (plugin.lastExitCode() != null || !plugin.lastOutput().isEmpty()) {
				action.item(
						"give '" + plugin.name() + "' its environment: the process gets only the environment variables "
								+ "that '" + PropertyOrigins.plugin(plugin.name(), "environment.inherit") + "' and '"
								+ PropertyOrigins.plugin(plugin.name(), "environment.variables")
								+ "' name, and runs in a private directory unless '"
								+ PropertyOrigins.plugin(plugin.name(), "working-directory") + "' is set");
			}
		}
		if (cause.getPlugins().stream().anyMatch((plugin) -> plugin.state() == PluginState.STARTING)) {
			action.item("wait longer with 'pluggable.startup-timeout' (now " + cause.getWaited().toMillis()
					+ "ms) if the plugin is slow; one attempt to start takes at most '"
					+ PropertyOrigins.plugin("<name>", "start-timeout") + "'");
		}
		return action
			.item("make the plugin optional: '"
					+ PropertyOrigins.plugin(
							(cause.getPlugins().size() == 1) ? cause.getPlugins().get(0).name() : "<name>", "required")
					+ "=false'");
	}

}
