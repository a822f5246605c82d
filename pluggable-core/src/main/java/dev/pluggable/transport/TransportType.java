package dev.pluggable.transport;

/**
 * How Unix domain sockets are spoken to.
 *
 * @since 0.1.0
 */
public enum TransportType {

	/**
	 * Epoll where it works, else kqueue where it works, else NIO.
	 */
	AUTO,

	/**
	 * Netty's native transport for Linux. Needs {@code netty-transport-native-epoll} with
	 * the classifier of the platform.
	 */
	EPOLL,

	/**
	 * Netty's native transport for macOS and BSD. Needs
	 * {@code netty-transport-native-kqueue} with the classifier of the platform.
	 */
	KQUEUE,

	/**
	 * The JDK's own channels. Needs nothing, but knows neither the peer's process id nor
	 * its numeric user id for sure.
	 */
	NIO

}
