package dev.pluggable;

/**
 * The states of a component.
 *
 * @since 0.1.0
 */
public enum ComponentState {

	/**
	 * The component was declared or discovered, and was never ready.
	 */
	PENDING,

	/**
	 * The component is initialised on the current generation of its endpoint, and takes
	 * calls.
	 */
	READY,

	/**
	 * The component was ready; its endpoint is lost or no longer offers its kind.
	 */
	UNAVAILABLE,

	/**
	 * The endpoint is connected and {@code Init} has failed. {@code Init} is repeated
	 * after delays that grow.
	 */
	INIT_FAILED,

	/**
	 * The component was discovered, and its socket file was removed. It becomes
	 * {@link #READY} again if the socket returns.
	 */
	GONE

}
