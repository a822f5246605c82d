package dev.pluggable.spring.host;

import java.util.List;

import dev.pluggable.plugin.PluginStatus;

/**
 * Thrown when required plugins are not ready within their start timeouts.
 *
 * @since 0.1.0
 */
public class RequiredPluginsUnavailableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient List<PluginStatus> plugins;

	RequiredPluginsUnavailableException(List<PluginStatus> plugins) {
		super("Required plugins are not ready: "
				+ plugins.stream().map(RequiredPluginsUnavailableException::describe).toList());
		this.plugins = List.copyOf(plugins);
	}

	private static String describe(PluginStatus plugin) {
		return plugin.name() + " (" + plugin.state() + ((plugin.reason() != null) ? ": " + plugin.reason() : "") + ")";
	}

	/**
	 * Return the plugins that are not ready.
	 * @return the statuses of the plugins
	 */
	public List<PluginStatus> getPlugins() {
		return this.plugins;
	}

}
