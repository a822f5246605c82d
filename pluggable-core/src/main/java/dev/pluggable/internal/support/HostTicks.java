package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks of the host's thread at common moments, the ticks, for tasks that need no
 * exact time. All tasks of one tick share a timer and a wake-up, which cost more than a
 * short task. Belongs to the host's thread.
 */
public final class HostTicks {

	private static final Logger logger = LoggerFactory.getLogger(HostTicks.class);

	private final HostThread thread;

	private final long tickNanos;

	/**
	 * The tasks that wait, by the number of their tick.
	 */
	private final Map<Long, List<Entry>> ticks = new HashMap<>();

	/**
	 * Create ticks without tasks.
	 * @param thread the host's thread
	 * @param tick the time between two ticks
	 */
	public HostTicks(HostThread thread, Duration tick) {
		this.thread = thread;
		this.tickNanos = tick.toNanos();
	}

	/**
	 * Run a task at the first tick after a delay.
	 * @param delay the delay
	 * @param task the task
	 * @return a handle that cancels the task
	 */
	public Entry schedule(Duration delay, Runnable task) {
		this.thread.assertCurrent();
		long now = this.thread.nanos();
		long number = Math.floorDiv(now + delay.toNanos() - 1, this.tickNanos) + 1;
		Entry entry = new Entry(task);
		this.ticks.computeIfAbsent(number, (key) -> {
			this.thread.schedule("running the tasks of a tick", Duration.ofNanos(key * this.tickNanos - now),
					() -> run(key));
			return new ArrayList<>();
		}).add(entry);
		return entry;
	}

	private void run(Long number) {
		List<Entry> entries = this.ticks.remove(number);
		if (entries != null) {
			entries.forEach(Entry::run);
		}
	}

	/**
	 * A task that waits for its tick.
	 */
	public static final class Entry {

		private final Runnable task;

		private boolean cancelled;

		private Entry(Runnable task) {
			this.task = task;
		}

		/**
		 * Keep the task from running.
		 */
		public void cancel() {
			this.cancelled = true;
		}

		private void run() {
			if (this.cancelled) {
				return;
			}
			try {
				this.task.run();
			}
			catch (RuntimeException | Error ex) {
				// The failure of one task must not harm the others.
				logger.error("The host's thread failed at a tick", ex);
			}
		}

	}

}
