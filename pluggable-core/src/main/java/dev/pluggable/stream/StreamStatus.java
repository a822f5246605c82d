package dev.pluggable.stream;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * The state of a stream of messages at one moment.
 *
 * @param state whether messages flow
 * @param reason why messages do not flow, {@code null} if they do or if there is nothing
 * to say
 * @param generation number of the generation on which the stream runs or ran last, 0 if
 * there was none
 * @param since the moment of the last change of the state
 * @param reconnects how often the stream was opened again
 * @param received number of messages that were received
 * @param inFlight number of messages that are being handled
 * @since 0.1.0
 */
public record StreamStatus(State state, @Nullable String reason, long generation, Instant since, long reconnects,
		long received, int inFlight) {

	/**
	 * Whether messages flow.
	 */
	public enum State {

		/**
		 * The component is not ready, or the stream has ended and is about to be opened
		 * again.
		 */
		WAITING,

		/**
		 * The stream is open.
		 */
		ACTIVE,

		/**
		 * No more messages are taken; some messages are being handled.
		 */
		DRAINING,

		/**
		 * The stream has ended and is not opened again.
		 */
		CLOSED

	}

}
