package dev.pluggable.endpoint;

import java.time.Duration;

/**
 * A delay that doubles from attempt to attempt.
 */
final class Backoff {

	private static final int MAX_SHIFT = 20;

	private final long initialMillis;

	private final long maxMillis;

	private int attempts;

	Backoff(Duration initial, Duration max) {
		this.initialMillis = initial.toMillis();
		this.maxMillis = max.toMillis();
	}

	void reset() {
		this.attempts = 0;
	}

	/**
	 * How many attempts were made since the last reset.
	 */
	int attempts() {
		return this.attempts;
	}

	/**
	 * Delay before the next attempt.
	 * @return the delay in milliseconds
	 */
	long nextMillis() {
		int shift = Math.min(this.attempts++, MAX_SHIFT);
		return Math.min(this.maxMillis, this.initialMillis << shift);
	}

}
