package dev.pluggable.spring.bindings;

import java.time.Duration;
import java.util.concurrent.Future;

/**
 * A monotonic clock that runs short tasks after a delay.
 */
interface CronTimer {

	/**
	 * Return the time of the clock.
	 * @return nanoseconds since any point of time
	 */
	long nanoTime();

	/**
	 * Run a task after a delay.
	 * @param delay the delay
	 * @param task the task, which does not block
	 * @return a future that cancels the task
	 * @throws java.util.concurrent.RejectedExecutionException if the timer is closed
	 */
	Future<?> schedule(Duration delay, Runnable task);

}
