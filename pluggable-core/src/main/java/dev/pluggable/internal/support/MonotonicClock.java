package dev.pluggable.internal.support;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/**
 * A clock that nobody sets. The clock begins with the time of the system clock, and then
 * follows the monotonic clock of the system. Use it for durations, such as times to live.
 * Safe for use by many threads.
 */
public final class MonotonicClock extends Clock {

	private final LongSupplier ticker;

	private final Instant start;

	private final long startNanos;

	/**
	 * A clock that begins now.
	 */
	public MonotonicClock() {
		this(Clock.systemUTC(), System::nanoTime);
	}

	/**
	 * A clock that begins now.
	 * @param clock the system clock
	 * @param ticker the monotonic clock in nanoseconds
	 */
	public MonotonicClock(Clock clock, LongSupplier ticker) {
		this.ticker = ticker;
		this.start = clock.instant();
		this.startNanos = ticker.getAsLong();
	}

	@Override
	public Instant instant() {
		return this.start.plusNanos(this.ticker.getAsLong() - this.startNanos);
	}

	@Override
	public ZoneId getZone() {
		return ZoneOffset.UTC;
	}

	@Override
	public Clock withZone(ZoneId zone) {
		throw new UnsupportedOperationException("A monotonic clock has no other zone");
	}

}
