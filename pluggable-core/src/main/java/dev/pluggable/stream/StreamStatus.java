package dev.pluggable.stream;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a stream of messages at one moment.
 *
 * @param state whether messages flow
 * @param reason why they do not, {@code null} if they do
 * @param generation number of the generation that it runs or last ran on, 0 for none
 * @param since when it came into this state
 * @param reconnects how often it was made anew
 * @param received how many messages were received
 * @param inFlight how many are being handled now
 * @since 0.1.0
 */
public record StreamStatus(State state, @Nullable String reason, long generation, Instant since, long reconnects,
		long received, int inFlight) {

	/**
	 * Whether messages flow.
	 */
	public enum State {

		/**
		 * The component is not ready, or the stream has just ended: it will be made anew.
		 */
		WAITING,

		/**
		 * The stream is open.
		 */
		ACTIVE,

		/**
		 * No more messages are taken; some are being handled.
		 */
		DRAINING,

		/**
		 * It has ended for good.
		 */
		CLOSED

	}

}
