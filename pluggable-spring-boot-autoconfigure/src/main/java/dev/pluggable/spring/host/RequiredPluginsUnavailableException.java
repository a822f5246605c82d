package dev.pluggable.spring.host;

import java.time.Duration;
import java.util.List;

import dev.pluggable.plugin.PluginStatus;

/**
 * Thrown when required plugins are not ready within {@code pluggable.startup-timeout}, or
 * are not expected to become ready.
 *
 * @since 0.1.0
 */
public class RequiredPluginsUnavailableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient List<PluginStatus> plugins;

	private final Duration waited;

	RequiredPluginsUnavailableException(List<PluginStatus> plugins, Duration waited) {
		super("Required plugins are not ready: "
				+ plugins.stream().map(RequiredPluginsUnavailableException::describe).toList());
		this.plugins = List.copyOf(plugins);
		this.waited = waited;
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

	/**
	 * Return the longest wait of the start.
	 * @return the value of {@code pluggable.startup-timeout}
	 */
	public Duration getWaited() {
		return this.waited;
	}

}
