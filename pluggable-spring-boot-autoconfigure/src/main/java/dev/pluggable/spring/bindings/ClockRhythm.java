package dev.pluggable.spring.bindings;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Runs at times of the clock. If the clock is set back, the runs go on, and no run comes
 * sooner after the last one than the schedule says, measured by the monotonic clock. A
 * daily run therefore does not come twice on a day.
 */
final class ClockRhythm implements CronRhythm {

	/**
	 * Smallest change that counts as a change of the clock. Smaller ones are corrections
	 * of its speed.
	 */
	private static final Duration CHANGE = Duration.ofMillis(200);

	/**
	 * Greatest time by which a run may come too soon after a change of the clock.
	 */
	private static final Duration TOLERANCE = Duration.ofSeconds(1);

	private final Function<Instant, @Nullable Instant> schedule;

	private @Nullable Instant due;

	private @Nullable Instant last;

	private long lastNanos;

	/**
	 * Time of the clock at the zero of the monotonic clock.
	 */
	private Instant offset;

	/**
	 * Begin with the first time after now.
	 * @param schedule returns the first time of the schedule after a time
	 * @param now the time of the clock
	 * @param nanos the time of the monotonic clock in nanoseconds
	 */
	ClockRhythm(Function<Instant, @Nullable Instant> schedule, Instant now, long nanos) {
		this.schedule = schedule;
		this.offset = now.minusNanos(nanos);
		this.due = schedule.apply(now);
	}

	@Override
	public boolean take(Instant now, long nanos) {
		Instant offset = now.minusNanos(nanos);
		if (offset.isBefore(this.offset.minus(CHANGE))) {
			this.due = afterSetBack(now, nanos);
		}
		this.offset = offset;
		Instant due = this.due;
		if (due == null || now.isBefore(due)) {
			return false;
		}
		Duration late = Duration.between(due, now);
		this.last = due;
		this.lastNanos = (late.compareTo(TOLERANCE) < 0) ? nanos - late.toNanos() : nanos;
		this.due = this.schedule.apply(now);
		return true;
	}

	private @Nullable Instant afterSetBack(Instant now, long nanos) {
		Instant last = this.last;
		Instant next = (last != null) ? this.schedule.apply(last) : null;
		if (last == null || next == null) {
			return this.schedule.apply(now);
		}
		Duration interval = Duration.between(last, next);
		Duration half = interval.dividedBy(2);
		Duration tolerance = (half.compareTo(TOLERANCE) < 0) ? half : TOLERANCE;
		Duration rest = interval.minus(tolerance).minusNanos(nanos - this.lastNanos);
		return this.schedule.apply(rest.isNegative() ? now : now.plus(rest));
	}

	@Override
	public @Nullable Duration untilNext(Instant now, long nanos) {
		Instant due = this.due;
		if (due == null) {
			return null;
		}
		return now.isBefore(due) ? Duration.between(now, due) : Duration.ZERO;
	}

}
