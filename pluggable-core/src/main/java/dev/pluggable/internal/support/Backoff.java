package dev.pluggable.internal.support;

import java.time.Duration;

/**
 * A delay that doubles from attempt to attempt. Not safe for use by many threads.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class Backoff {

	private static final int MAX_SHIFT = 20;

	private final long initialMillis;

	private final long maxMillis;

	private int attempts;

	/**
	 * A delay that begins anew.
	 * @param initial before the first attempt
	 * @param max the longest
	 */
	public Backoff(Duration initial, Duration max) {
		this.initialMillis = initial.toMillis();
		this.maxMillis = max.toMillis();
	}

	/**
	 * Begin anew.
	 */
	public void reset() {
		this.attempts = 0;
	}

	/**
	 * How many attempts were made since the last reset.
	 * @return the number
	 */
	public int attempts() {
		return this.attempts;
	}

	/**
	 * Delay before the next attempt.
	 * @return the delay in milliseconds
	 */
	public long nextMillis() {
		int shift = Math.min(this.attempts++, MAX_SHIFT);
		return Math.min(this.maxMillis, this.initialMillis << shift);
	}

}
