package dev.pluggable.plugin;

/**
 * The way in which a launched process tells its address.
 *
 * @since 0.1.0
 */
public enum PluginProtocol {

	/**
	 * HashiCorp's go-plugin: a handshake line on standard output, a broker for
	 * connections in both directions, and an orderly shutdown.
	 */
	GO_PLUGIN,

	/**
	 * The process opens a socket at the path in {@code PLUGGABLE_SOCKET_PATH}, or in the
	 * folder in the environment variables of Dapr and Layotto.
	 */
	SOCKET

}
