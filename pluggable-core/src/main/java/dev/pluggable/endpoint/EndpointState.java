package dev.pluggable.endpoint;

/**
 * The states of an endpoint.
 *
 * @since 0.1.0
 */
public enum EndpointState {

	/**
	 * There is nothing to connect to.
	 */
	WAITING,

	/**
	 * The host makes the first connection to a socket or process.
	 */
	CONNECTING,

	/**
	 * There is a connection, and the services of the server are known.
	 */
	READY,

	/**
	 * The endpoint was ready and lost its connection. The host connects again.
	 */
	LOST,

	/**
	 * The server cannot be used. The host tries again with a growing delay.
	 */
	FAILED,

	/**
	 * The process behind the socket runs as a user that is not allowed. The host sent
	 * nothing to the process.
	 */
	REFUSED

}
