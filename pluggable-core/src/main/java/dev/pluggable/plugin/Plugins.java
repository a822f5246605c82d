package dev.pluggable.plugin;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The processes that the application has launched. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface Plugins {

	/**
	 * What is known of all plugins now.
	 * @return their states, ordered by name
	 */
	List<PluginStatus> statuses();

	/**
	 * What is known of a plugin now.
	 * @param name its name
	 * @return its state, empty if there is no such plugin
	 */
	Optional<PluginStatus> status(String name);

	/**
	 * Start a plugin that is stopped or has failed; crashes so far are forgotten. Does
	 * nothing to one that runs.
	 * @param name its name
	 * @return completes when it is ready, or fails with a {@link PluginException} when
	 * its process cannot be started
	 * @throws IllegalArgumentException if there is no such plugin
	 */
	CompletionStage<PluginStatus> start(String name);

	/**
	 * Stop a plugin. It is not started again until somebody says so.
	 * @param name its name
	 * @return completes when its process has ended
	 * @throws IllegalArgumentException if there is no such plugin
	 */
	CompletionStage<PluginStatus> stop(String name);

	/**
	 * Replace the process of a plugin without losing a call: a new one is started and
	 * initialised, calls go to it from then on, and the old one ends when its calls have.
	 * If the new one cannot be used, the old one stays.
	 * @param name its name
	 * @return completes when the new process has taken over, or fails with a
	 * {@link PluginException} when the old one stays
	 * @throws IllegalArgumentException if there is no such plugin
	 */
	CompletionStage<PluginStatus> restart(String name);

}
