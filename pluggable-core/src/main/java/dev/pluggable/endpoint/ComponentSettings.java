package dev.pluggable.endpoint;

import java.time.Duration;

/**
 * Limits of the calls to one component. Immutable.
 *
 * @param callTimeout the longest duration of a unary call without a deadline of its own
 * @param initTimeout the longest duration of {@code Init} and the calls that belong to it
 * @param waitForReady the longest wait of a call for a component that is not ready; with
 * zero, the call fails at once
 * @param maxInboundMessageSize the size of the largest message that the host receives, in
 * bytes
 * @since 0.1.0
 */
public record ComponentSettings(Duration callTimeout, Duration initTimeout, Duration waitForReady,
		int maxInboundMessageSize) {

	private static final Duration LONGEST = Duration.ofDays(365);

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if a timeout or the size is not positive, the wait
	 * is negative, or a time is longer than a year
	 */
	public ComponentSettings {
		requirePositive("callTimeout", callTimeout);
		requirePositive("initTimeout", initTimeout);
		if (waitForReady.isNegative() || waitForReady.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException("'waitForReady' must not be negative or longer than a year");
		}
		if (maxInboundMessageSize <= 0) {
			throw new IllegalArgumentException("'maxInboundMessageSize' must be positive");
		}
	}

	static void requirePositive(String name, Duration duration) {
		if (duration.isZero() || duration.isNegative() || duration.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException("'" + name + "' must be positive and not longer than a year");
		}
	}

}
