package dev.pluggable.internal.endpoint;

import java.time.Duration;

import dev.pluggable.internal.support.Backoff;

/**
 * Decides how long an endpoint waits before its next attempt to connect. Belongs to the
 * host's thread.
 */
final class RetryPolicy {

	/**
	 * After a generation that lasted longer, the endpoint connects again without delay.
	 */
	private static final Duration STABLE = Duration.ofSeconds(10);

	/**
	 * The server counts as failed from this number of short generations in a row.
	 */
	private static final int FLAPPING = 3;

	/**
	 * A socket refuses connections for a moment between bind and listen, so the first
	 * delay is short.
	 */
	private final Backoff nobodyListens = new Backoff(Duration.ofMillis(5), Duration.ofSeconds(1));

	/**
	 * Frequent attempts do not repair a server that answers wrongly.
	 */
	private final Backoff unusable = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

	/**
	 * Frequent attempts do not repair a server that ends each connection either.
	 */
	private final Backoff shortGenerations = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(30));

	/**
	 * How many times the configured time an attempt has after one that got no answer.
	 */
	private static final int PATIENCE = 3;

	/**
	 * Whether an attempt got no answer in time.
	 */
	private boolean unanswered;

	private long connectedAt;

	private boolean stable;

	/**
	 * Forget earlier attempts and losses, because there is a new target.
	 */
	void reset() {
		this.nobodyListens.reset();
		this.unusable.reset();
		this.shortGenerations.reset();
		this.unanswered = false;
	}

	/**
	 * Return the time of the next attempt. A busy machine needs more time than an idle
	 * one, so the attempts after one without an answer have more time.
	 * @param configured the time of the first attempt
	 */
	Duration attemptTimeout(Duration configured) {
		return this.unanswered ? configured.multipliedBy(PATIENCE) : configured;
	}

	/**
	 * Record that an attempt got no answer in time.
	 * @return whether this attempt was the first one, which proves no fault yet
	 */
	boolean timedOut() {
		boolean first = !this.unanswered;
		this.unanswered = true;
		return first;
	}

	/**
	 * Record that a generation became current.
	 * @param nanos the reading of the ticker
	 */
	void connected(long nanos) {
		this.connectedAt = nanos;
		this.unusable.reset();
		this.unanswered = false;
	}

	/**
	 * Record that the current generation was lost.
	 * @param nanos the reading of the ticker
	 * @return whether the server counts as failed, because several generations in a row
	 * were short
	 */
	boolean lost(long nanos) {
		this.stable = nanos - this.connectedAt > STABLE.toNanos();
		if (this.stable) {
			this.nobodyListens.reset();
			this.shortGenerations.reset();
		}
		return this.shortGenerations.attempts() + 1 >= FLAPPING;
	}

	/**
	 * Return the delay after the loss that was recorded last.
	 */
	Duration afterLoss() {
		return this.stable ? Duration.ZERO : Duration.ofMillis(this.shortGenerations.nextMillis());
	}

	/**
	 * Return the delay after an attempt that found no listener.
	 */
	Duration afterNobodyListened() {
		return Duration.ofMillis(this.nobodyListens.nextMillis());
	}

	/**
	 * Return the delay after an attempt that found an unusable server.
	 */
	Duration afterFailure() {
		return Duration.ofMillis(this.unusable.nextMillis());
	}

}
