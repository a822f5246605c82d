package dev.pluggable.contract;

/**
 * How long a plugin can use what a request hands over. An object that a call creates
 * keeps what its request has handed over, and needs no such choice.
 *
 * @since 0.1.0
 */
public enum Lifetime {

	/**
	 * Until the call has ended.
	 */
	CALL,

	/**
	 * As long as the process of the plugin lives.
	 */
	PROCESS

}
