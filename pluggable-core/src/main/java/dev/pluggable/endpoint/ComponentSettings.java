package dev.pluggable.endpoint;

import java.time.Duration;

/**
 * Limits of the calls to one component. Immutable.
 *
 * @param callTimeout the longest duration of a unary call without a deadline of its own
 * @param initTimeout the longest duration of {@code Init} and the calls that belong to it
 * @param waitForReady the longest wait of a call for a component that is not ready; with
 * zero, the call waits as long as the outage grace allows
 * @param outageGrace the age of an outage, or of the start, up to which calls wait for
 * the component; counted from the loss, so that calls fail at once when an outage is
 * older; with zero, calls do not wait unless {@code waitForReady} says so
 * @param maxInboundMessageSize the size of the largest message that the host receives, in
 * bytes
 * @since 0.1.0
 */
public record ComponentSettings(Duration callTimeout, Duration initTimeout, Duration waitForReady, Duration outageGrace,
		int maxInboundMessageSize) {

	/**
	 * The outage grace unless another one is set: 2 seconds.
	 */
	public static final Duration DEFAULT_OUTAGE_GRACE = Duration.ofSeconds(2);

	private static final Duration LONGEST = Duration.ofDays(365);

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if a timeout or the size is not positive, a wait
	 * is negative, or a time is longer than a year
	 */
	public ComponentSettings {
		requirePositive("callTimeout", callTimeout);
		requirePositive("initTimeout", initTimeout);
		requireNotNegative("waitForReady", waitForReady);
		requireNotNegative("outageGrace", outageGrace);
		if (maxInboundMessageSize <= 0) {
			throw new IllegalArgumentException("'maxInboundMessageSize' must be positive");
		}
	}

	/**
	 * Create settings with {@link #DEFAULT_OUTAGE_GRACE}.
	 * @param callTimeout the longest duration of a unary call without a deadline of its
	 * own
	 * @param initTimeout the longest duration of {@code Init} and the calls that belong
	 * to it
	 * @param waitForReady the longest wait of a call for a component that is not ready
	 * @param maxInboundMessageSize the size of the largest message that the host
	 * receives, in bytes
	 * @throws IllegalArgumentException if a timeout or the size is not positive, the wait
	 * is negative, or a time is longer than a year
	 */
	public ComponentSettings(Duration callTimeout, Duration initTimeout, Duration waitForReady,
			int maxInboundMessageSize) {
		this(callTimeout, initTimeout, waitForReady, DEFAULT_OUTAGE_GRACE, maxInboundMessageSize);
	}

	private static void requireNotNegative(String name, Duration duration) {
		if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException("'" + name + "' must not be negative or longer than a year");
		}
	}

	static void requirePositive(String name, Duration duration) {
		if (duration.isZero() || duration.isNegative() || duration.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException("'" + name + "' must be positive and not longer than a year");
		}
	}

}
