package dev.pluggable.endpoint;

import java.time.Duration;

/**
 * Limits of the calls to one component.
 *
 * @param callTimeout how long a unary call may take
 * @param initTimeout how long {@code Init} and what belongs to it may take together
 * @param waitForReady how long a call waits for the component to be ready; zero to fail
 * at once
 * @param maxInboundMessageSize largest message that is received, in bytes
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
