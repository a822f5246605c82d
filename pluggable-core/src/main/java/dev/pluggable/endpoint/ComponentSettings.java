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
}
