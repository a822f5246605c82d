package dev.pluggable.plugin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Time passes when the test says so. What is scheduled runs on the test's thread.
 */
final class ManualScheduler extends ScheduledThreadPoolExecutor {

	private final List<Task> tasks = new ArrayList<>();

	private long now;

	ManualScheduler() {
		super(0);
	}

	@Override
	public synchronized ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
		Task task = new Task(command, this.now + unit.toNanos(delay));
		this.tasks.add(task);
		return task;
	}

	void advance(Duration duration) {
		List<Task> due;
		synchronized (this) {
			this.now += duration.toNanos();
			due = this.tasks.stream().filter((task) -> task.at <= this.now).sorted(Comparator.naturalOrder()).toList();
			this.tasks.removeAll(due);
		}
		due.forEach(FutureTask::run);
	}

	/**
	 * How many tasks wait for their time.
	 */
	synchronized int waiting() {
		this.tasks.removeIf(FutureTask::isCancelled);
		return this.tasks.size();
	}

	private static final class Task extends FutureTask<Void> implements ScheduledFuture<Void> {

		private final long at;

		Task(Runnable command, long at) {
			super(command, null);
			this.at = at;
		}

		@Override
		public long getDelay(TimeUnit unit) {
			return unit.convert(this.at, TimeUnit.NANOSECONDS);
		}

		@Override
		public int compareTo(Delayed other) {
			return Long.compare(this.at, ((Task) other).at);
		}

	}

}
