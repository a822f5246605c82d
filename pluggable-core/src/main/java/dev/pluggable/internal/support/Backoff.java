package dev.pluggable.internal.support;

import java.time.Duration;

/**
 * A delay that doubles with each attempt, up to a maximum. Not safe for use by many
 * threads.
 */
public final class Backoff {

	private static final int MAX_SHIFT = 20;

	private final long initialMillis;

	private final long maxMillis;

	private int attempts;

	/**
	 * Create a delay for a first attempt.
	 * @param initial delay before the first attempt
	 * @param max maximum delay
	 */
	public Backoff(Duration initial, Duration max) {
		this.initialMillis = initial.toMillis();
		this.maxMillis = max.toMillis();
	}

	/**
	 * Start again with the initial delay.
	 */
	public void reset() {
		this.attempts = 0;
	}

	/**
	 * The number of attempts since the last reset.
	 * @return the number
	 */
	public int attempts() {
		return this.attempts;
	}

	/**
	 * The delay before the next attempt, which this call counts.
	 * @return the delay in milliseconds
	 */
	public long nextMillis() {
		int shift = Math.min(this.attempts++, MAX_SHIFT);
		return Math.min(this.maxMillis, this.initialMillis << shift);
	}

}
