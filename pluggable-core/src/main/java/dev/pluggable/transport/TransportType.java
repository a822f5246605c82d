package dev.pluggable.transport;

/**
 * The network implementation that connects Unix domain sockets.
 *
 * @since 0.1.0
 */
public enum TransportType {

	/**
	 * The first of epoll, kqueue and NIO that works on this machine.
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
	 * Channels of the JDK. Needs nothing else, but never knows the process id of the
	 * peer, and knows its numeric user id only if the host allows that user.
	 */
	NIO

}
