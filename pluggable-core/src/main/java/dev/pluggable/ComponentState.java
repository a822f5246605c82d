package dev.pluggable;

/**
 * Where a component is in its life.
 *
 * @since 0.1.0
 */
public enum ComponentState {

	/**
	 * Declared or found, but never ready so far.
	 */
	PENDING,

	/**
	 * Initialised on the current generation of its endpoint: calls go through.
	 */
	READY,

	/**
	 * Was ready, but its endpoint is lost or no longer serves its kind.
	 */
	UNAVAILABLE,

	/**
	 * The endpoint is there, but {@code Init} failed; it is repeated with a growing
	 * delay.
	 */
	INIT_FAILED,

	/**
	 * Discovered earlier, and its socket file is gone. It becomes {@link #READY} again if
	 * the socket returns.
	 */
	GONE

}
