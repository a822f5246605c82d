package dev.pluggable.server;

/**
 * Changes the settings of a {@link ComponentServer} before it is started.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ComponentServerCustomizer {

	/**
	 * Change the settings of a server that is about to start.
	 * @param name file name of the socket without {@code .sock}
	 * @param builder the settings
	 */
	void customize(String name, ComponentServer.Builder builder);

}
