package dev.pluggable.plugin;

/**
 * Where a plugin is in its life.
 *
 * @since 0.1.0
 */
public enum PluginState {

	/**
	 * A process is being started and has not been ready yet.
	 */
	STARTING,

	/**
	 * The process is there, answers, and its services are known.
	 */
	READY,

	/**
	 * The process has ended, and the next one is started after a delay.
	 */
	RESTARTING,

	/**
	 * The process is being ended.
	 */
	STOPPING,

	/**
	 * There is no process, and none is wanted.
	 */
	STOPPED,

	/**
	 * There is no process, because it ended too often or its policy says so.
	 */
	FAILED

}
