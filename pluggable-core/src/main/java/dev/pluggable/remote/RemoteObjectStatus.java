package dev.pluggable.remote;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a remote object at one moment.
 *
 * @param name its name
 * @param state the state
 * @param reason why it is not ready, one line without secrets; {@code null} if it is
 * @param generation how often it was created so far
 * @param since when the state was entered
 * @since 0.1.0
 */
public record RemoteObjectStatus(String name, State state, @Nullable String reason, long generation, Instant since) {

	/**
	 * Where a remote object is in its life.
	 */
	public enum State {

		/**
		 * It has not been created yet.
		 */
		PENDING,

		/**
		 * It can be called.
		 */
		READY,

		/**
		 * It was there, is not any more, and is being created again.
		 */
		UNAVAILABLE,

		/**
		 * It was closed, or what it was created by was.
		 */
		CLOSED

	}

}
