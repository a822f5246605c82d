package dev.pluggable.endpoint;

/**
 * Where an endpoint is in its life.
 *
 * @since 0.1.0
 */
public enum EndpointState {

	/**
	 * There is nothing to connect to yet.
	 */
	WAITING,

	/**
	 * The first connection is being made.
	 */
	CONNECTING,

	/**
	 * Connected, and its services are known.
	 */
	READY,

	/**
	 * Was ready; the connection is gone and is being made again.
	 */
	LOST,

	/**
	 * There is something, but it cannot be used; it is tried again with a growing delay.
	 */
	FAILED,

	/**
	 * The process behind it runs as a user that is not allowed. Nothing was sent to it.
	 */
	REFUSED

}
