package dev.pluggable;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Outcome of a health probe: {@code grpc.health.v1} where it is served, else the kind's
 * own {@code Ping}.
 *
 * @param health what the probe found
 * @param detail how it was found out or what went wrong, {@code null} if there is nothing
 * to say
 * @param at when the probe ended, {@code null} if there was none yet
 * @since 0.1.0
 */
public record ProbeResult(Health health, @Nullable String detail, @Nullable Instant at) {

	/**
	 * No probe yet.
	 */
	public static final ProbeResult NONE = new ProbeResult(Health.UNKNOWN, null, null);

	/**
	 * What a probe can find.
	 */
	public enum Health {

		/**
		 * It answered that it is well.
		 */
		UP,

		/**
		 * It answered that it is not, or not within the deadline.
		 */
		DOWN,

		/**
		 * It implements neither way of asking, or was not asked yet.
		 */
		UNKNOWN

	}

}
