package dev.pluggable.spring.bindings;

import java.time.Duration;
import java.util.concurrent.Future;

/**
 * Runs short tasks after a delay.
 */
@FunctionalInterface
interface CronTimer {

	/**
	 * Run a task after a delay.
	 * @param delay the delay
	 * @param task the task, which does not block
	 * @return a future that cancels the task
	 * @throws java.util.concurrent.RejectedExecutionException if the timer is closed
	 */
	Future<?> schedule(Duration delay, Runnable task);

}
