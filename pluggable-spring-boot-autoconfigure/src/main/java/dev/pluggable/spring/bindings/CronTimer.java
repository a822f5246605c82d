package dev.pluggable.spring.bindings;

import java.time.Duration;
import java.util.concurrent.Future;

/**
 * Runs short tasks later.
 */
@FunctionalInterface
interface CronTimer {

	/**
	 * Run a task later.
	 * @param delay how much later
	 * @param task the task, which does not block
	 * @return cancels it
	 * @throws java.util.concurrent.RejectedExecutionException if the timer has ended
	 */
	Future<?> schedule(Duration delay, Runnable task);

}
