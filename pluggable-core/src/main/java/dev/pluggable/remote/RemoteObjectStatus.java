package dev.pluggable.remote;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * The status of a remote object at one moment. Immutable.
 *
 * @param name name of the object
 * @param state the state
 * @param reason why the object is not ready, one line without secrets; {@code null} if
 * the object is ready
 * @param generation how often the object was created, and its connection renewed, so far
 * @param since when the object entered the state
 * @since 0.1.0
 */
public record RemoteObjectStatus(String name, State state, @Nullable String reason, long generation, Instant since) {

	/**
	 * The states of a remote object.
	 */
	public enum State {

		/**
		 * The object was not created yet.
		 */
		PENDING,

		/**
		 * The object can be called.
		 */
		READY,

		/**
		 * The object was ready, its connection was lost, and it is being created again.
		 */
		UNAVAILABLE,

		/**
		 * The object, or the object that created it, was closed. No other state follows.
		 */
		CLOSED

	}

}
