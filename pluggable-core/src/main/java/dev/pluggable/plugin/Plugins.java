package dev.pluggable.plugin;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The plugins of an application. The continuations of the returned stages may block. Safe
 * for use by many threads.
 *
 * @since 0.1.0
 */
public interface Plugins {

	/**
	 * Statuses of all plugins.
	 * @return the statuses, ordered by name
	 */
	List<PluginStatus> statuses();

	/**
	 * Status of a plugin.
	 * @param name name of the plugin
	 * @return the status, empty if there is no such plugin
	 */
	Optional<PluginStatus> status(String name);

	/**
	 * Start a plugin that is stopped or has failed, and forget its earlier crashes. Has
	 * no effect on a plugin that is ready, starting or restarting.
	 * @param name name of the plugin
	 * @return completes when the plugin is ready, or fails with a {@link PluginException}
	 * when the plugin fails or is stopped
	 * @throws IllegalArgumentException if there is no such plugin
	 */
	CompletionStage<PluginStatus> start(String name);

	/**
	 * Stop a plugin. The plugin stays stopped until {@link #start} or {@link #restart}.
	 * @param name name of the plugin
	 * @return completes when all its processes have ended
	 * @throws IllegalArgumentException if there is no such plugin
	 */
	CompletionStage<PluginStatus> stop(String name);

	/**
	 * Replace the process of a plugin. With {@link RestartSettings.Mode#REPLACE} no call
	 * is lost: the new process starts and initialises its components, and new calls go to
	 * the new process then. The old process ends after its calls in flight. If the new
	 * process cannot be used, the old process stays. With
	 * {@link RestartSettings.Mode#STOP_FIRST} the old process ends first. A plugin
	 * without a process starts at once.
	 * @param name name of the plugin
	 * @return completes when the new process has taken over, or fails with a
	 * {@link PluginException} when the old process stays
	 * @throws IllegalArgumentException if there is no such plugin
	 */
	CompletionStage<PluginStatus> restart(String name);

}
