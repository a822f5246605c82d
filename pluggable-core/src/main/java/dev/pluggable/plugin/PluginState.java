package dev.pluggable.plugin;

/**
 * State of a plugin.
 *
 * @since 0.1.0
 */
public enum PluginState {

	/**
	 * A process is starting and is not ready yet. The reason tells what is missing.
	 */
	STARTING,

	/**
	 * The process runs and its services are known.
	 */
	READY,

	/**
	 * No process is usable, and another process starts after a delay. The reason tells a
	 * crash loop, in which the delay is the longest one.
	 */
	RESTARTING,

	/**
	 * The processes are ending, because the user has stopped the plugin.
	 */
	STOPPING,

	/**
	 * No process runs, because nobody has started the plugin or somebody has stopped it.
	 */
	STOPPED,

	/**
	 * No process runs. Either the restart policy forbids another process, or the failure
	 * lasts until somebody changes the program or the settings; then another process
	 * starts after the longest delay. The reason tells which.
	 */
	FAILED

}
