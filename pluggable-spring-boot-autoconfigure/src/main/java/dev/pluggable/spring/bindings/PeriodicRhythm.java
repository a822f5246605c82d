package dev.pluggable.spring.bindings;

import java.time.Duration;
import java.time.Instant;

/**
 * Runs at a fixed period of the monotonic clock. Changes of the clock do not matter.
 */
final class PeriodicRhythm implements CronRhythm {

	private final long period;

	private long due;

	PeriodicRhythm(Duration period, long nanos) {
		this.period = period.toNanos();
		this.due = nanos + this.period;
	}

	@Override
	public boolean take(Instant now, long nanos) {
		long late = nanos - this.due;
		if (late < 0) {
			return false;
		}
		this.due += (late / this.period + 1) * this.period;
		return true;
	}

	@Override
	public Duration untilNext(Instant now, long nanos) {
		return Duration.ofNanos(Math.max(0, this.due - nanos));
	}

}
