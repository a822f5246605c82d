package dev.pluggable.plugin;

/**
 * How a launched process says where it can be reached.
 *
 * @since 0.1.0
 */
public enum PluginProtocol {

	/**
	 * HashiCorp's go-plugin: a line on standard output, a broker for connections in both
	 * directions, an orderly shutdown.
	 */
	GO_PLUGIN,

	/**
	 * The process opens a socket in the folder that the environment variables of Dapr and
	 * Layotto name, or at the path in {@code PLUGGABLE_SOCKET_PATH}.
	 */
	SOCKET

}
