package dev.pluggable.spring.bindings;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * The runs of one reading, one after the other. Not safe for use by many threads.
 */
interface CronRhythm {

	/**
	 * Take the run that is due, together with all earlier runs that were missed.
	 * @param now the time of the clock
	 * @param nanos the time of the monotonic clock in nanoseconds
	 * @return whether a run is due
	 */
	boolean take(Instant now, long nanos);

	/**
	 * Return the time until the next run.
	 * @param now the time of the clock
	 * @param nanos the time of the monotonic clock in nanoseconds
	 * @return the time, {@code null} if there are no further runs
	 */
	@Nullable Duration untilNext(Instant now, long nanos);

}
