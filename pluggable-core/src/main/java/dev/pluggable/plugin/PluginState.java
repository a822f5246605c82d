package dev.pluggable.plugin;

/**
 * State of a plugin.
 *
 * @since 0.1.0
 */
public enum PluginState {

	/**
	 * A process is starting and is not ready yet.
	 */
	STARTING,

	/**
	 * The process runs and its services are known.
	 */
	READY,

	/**
	 * The process has failed, and another process starts after a delay.
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
	 * No process runs, because of a crash loop or because the restart policy forbids
	 * another process.
	 */
	FAILED

}
