package dev.pluggable.internal.support;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the state of a host. State machines run on this thread, so
 * they need no lock. A task must not block.
 * <p>
 * An exception of a task is logged together with a description of the task and never ends
 * the thread. After {@link #close} new tasks are dropped silently, because the state that
 * they would change no longer exists.
 * <p>
 * Methods may be called from any thread unless their description says otherwise.
 */
public final class HostThread {

	private static final Logger logger = LoggerFactory.getLogger(HostThread.class);

	private final ScheduledExecutorService scheduler;

	private final Clock clock;

	private final LongSupplier ticker;

	/**
	 * Notifications that wait for the end of the current task. Only the host's thread
	 * uses this queue.
	 */
	private final Queue<Notification> notifications = new ArrayDeque<>();

	/**
	 * Whether the host's thread is inside a task that delivers the notifications at its
	 * end. Only the host's thread uses this field.
	 */
	private boolean delivers;

	/**
	 * Run when the thread ends.
	 */
	private final Set<Runnable> closeListeners = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	private volatile @Nullable Thread thread;

	/**
	 * Whether the thread is known only while it runs a task.
	 */
	private final boolean foreign;

	/**
	 * Create a daemon thread that measures time with the system's clocks.
	 * @param name name of the thread
	 */
	public HostThread(String name) {
		Scheduler scheduler = new Scheduler(name);
		scheduler.setRemoveOnCancelPolicy(true);
		scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		this.scheduler = scheduler;
		this.clock = Clock.systemUTC();
		this.ticker = System::nanoTime;
		this.foreign = false;
	}

	/**
	 * Use the calling thread as the host's thread. A test runs the tasks of the scheduler
	 * itself.
	 * @param scheduler keeps the tasks
	 * @param clock tells the time of day
	 * @param ticker counts nanoseconds and never goes back
	 */
	public HostThread(ScheduledExecutorService scheduler, Clock clock, LongSupplier ticker) {
		this.scheduler = scheduler;
		this.clock = clock;
		this.ticker = ticker;
		this.foreign = false;
		this.thread = Thread.currentThread();
	}

	private HostThread(ScheduledExecutorService scheduler) {
		this.scheduler = scheduler;
		this.clock = Clock.systemUTC();
		this.ticker = System::nanoTime;
		this.foreign = true;
	}

	/**
	 * Return the host's thread behind a scheduler. If the scheduler does not belong to a
	 * host, its thread takes the part of the host's thread.
	 * @param scheduler a scheduler with one thread
	 * @return the thread
	 */
	public static HostThread of(ScheduledExecutorService scheduler) {
		return (scheduler instanceof Scheduler own) ? own.host() : new HostThread(scheduler);
	}

	/**
	 * Run a task as soon as earlier tasks have ended.
	 * @param what the work of the task, as the start of a log line such as {@code
	 * connecting to endpoint 'redis'}
	 * @param task the task
	 */
	public void execute(String what, Runnable task) {
		try {
			this.scheduler.execute(() -> run(what, task));
		}
		catch (RejectedExecutionException ex) {
			logger.trace("The host is closed and drops a task: {}", what);
		}
	}

	/**
	 * Run a task after a delay.
	 * @param what the work of the task, as in {@link #execute}
	 * @param delay the delay; the task runs as soon as possible if it is not positive
	 * @param task the task
	 * @return a handle that cancels the task
	 */
	public Timer schedule(String what, Duration delay, Runnable task) {
		return schedule(what, delay.toNanos(), task);
	}

	private Timer schedule(String what, long nanos, Runnable task) {
		Timer timer = new Timer();
		try {
			timer.future = this.scheduler.schedule(() -> {
				timer.pending = false;
				run(what, task);
			}, nanos, TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			logger.trace("The host is closed and drops a task: {}", what);
			timer.pending = false;
		}
		return timer;
	}

	/**
	 * Deliver a notification after the current task, before any other task. A listener
	 * therefore never runs inside the transition that it is told of, and a listener that
	 * causes a further transition does not disturb the first one. Notifications are
	 * delivered in the order of these calls. Only the host's thread may call this method.
	 * @param what the purpose of the notification, as in {@link #execute}
	 * @param notification calls the listener
	 */
	public void notify(String what, Runnable notification) {
		assertCurrent();
		this.notifications.add(new Notification(what, notification));
		if (!this.delivers && this.notifications.size() == 1) {
			// The current task came through the scheduler directly.
			execute("delivering notifications", () -> {
			});
		}
	}

	private void run(String what, Runnable task) {
		if (this.foreign) {
			this.thread = Thread.currentThread();
		}
		this.delivers = true;
		guard(what, task);
		Notification next = this.notifications.poll();
		while (next != null) {
			guard(next.what(), next.task());
			next = this.notifications.poll();
		}
		this.delivers = false;
	}

	private static void guard(String what, Runnable task) {
		try {
			task.run();
		}
		catch (Throwable ex) {
			// An OutOfMemoryError must not end the thread either: nothing else would
			// look after the endpoints.
			logger.error("The host's thread failed while {}", what, ex);
		}
	}

	/**
	 * Verify that the caller is on the host's thread.
	 * @throws IllegalStateException if the caller is on another thread
	 */
	public void assertCurrent() {
		if (Thread.currentThread() != this.thread) {
			throw new IllegalStateException(
					"Only the host's thread may do this, but thread '" + Thread.currentThread().getName() + "' tried");
		}
	}

	/**
	 * Tell whether the caller is on the host's thread.
	 * @return {@code true} if so
	 */
	public boolean isCurrent() {
		return Thread.currentThread() == this.thread;
	}

	/**
	 * Return an executor that runs its tasks on this thread.
	 * @param what the work of these tasks, as in {@link #execute}
	 * @return the executor, which drops tasks after {@link #close}
	 */
	public Executor executor(String what) {
		return (task) -> execute(what, task);
	}

	/**
	 * Return the scheduler behind this thread, for code that has no {@link HostThread}.
	 * Exceptions of its tasks are logged, too.
	 * @return the scheduler, which rejects tasks after {@link #close}
	 */
	public ScheduledExecutorService scheduler() {
		return this.scheduler;
	}

	/**
	 * Return the time of day, for statuses that somebody reads. A duration must be
	 * measured by {@link #nanos()}.
	 * @return the current time
	 */
	public Instant now() {
		return this.clock.instant();
	}

	/**
	 * Return the reading of a monotonic ticker.
	 * @return nanoseconds since an arbitrary moment
	 */
	public long nanos() {
		return this.ticker.getAsLong();
	}

	/**
	 * Listen to the end of the thread. The end drops timers, so somebody who waits for a
	 * timer must learn of the end. The listener runs once, on the thread that calls
	 * {@link #close}; it runs at once if the thread has ended already.
	 * @param listener the listener, which must not block
	 * @return a task that ends the registration
	 */
	public Runnable onClose(Runnable listener) {
		this.closeListeners.add(listener);
		if (this.closed) {
			closed(listener);
		}
		return () -> this.closeListeners.remove(listener);
	}

	private void closed(Runnable listener) {
		if (this.closeListeners.remove(listener)) {
			guard("telling a listener that the thread ends", listener);
		}
	}

	/**
	 * End the thread. Tasks that have not begun are dropped. This method waits for the
	 * current task, unless the caller is on the host's thread. If the caller is
	 * interrupted, the wait ends and the caller stays interrupted.
	 * @param timeout the longest wait
	 * @return whether the thread has ended
	 */
	public boolean close(Duration timeout) {
		this.closed = true;
		this.scheduler.shutdownNow();
		this.closeListeners.forEach(this::closed);
		if (isCurrent()) {
			return false;
		}
		try {
			long deadline = System.nanoTime() + timeout.toNanos();
			boolean ended = this.scheduler.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS);
			Thread thread = this.thread;
			if (ended && thread != null) {
				// The scheduler has terminated a moment before its thread ends.
				TimeUnit.NANOSECONDS.timedJoin(thread, deadline - System.nanoTime());
				ended = !thread.isAlive();
			}
			return ended;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/**
	 * A task that runs later.
	 */
	public static final class Timer {

		private volatile @Nullable Future<?> future;

		private volatile boolean pending = true;

		private Timer() {
		}

		/**
		 * Keep the task from running. A cancel on the host's thread always succeeds
		 * before the task begins. A cancel after that has no effect.
		 */
		public void cancel() {
			this.pending = false;
			Future<?> future = this.future;
			if (future != null) {
				future.cancel(false);
			}
		}

		/**
		 * Tell whether the task will still run.
		 * @return {@code false} once the task has begun or was cancelled or dropped
		 */
		public boolean pending() {
			return this.pending;
		}

	}

	private record Notification(String what, Runnable task) {
	}

	/**
	 * Has one thread and logs the exceptions that would otherwise stay inside a future.
	 */
	private final class Scheduler extends ScheduledThreadPoolExecutor {

		Scheduler(String name) {
			super(1, DaemonThreads.named(name));
		}

		HostThread host() {
			return HostThread.this;
		}

		@Override
		protected void beforeExecute(Thread thread, Runnable task) {
			HostThread.this.thread = thread;
		}

		@Override
		protected void afterExecute(Runnable task, @Nullable Throwable failure) {
			if (failure == null && task instanceof FutureTask<?> future && future.isDone() && !future.isCancelled()) {
				try {
					future.get();
				}
				catch (ExecutionException ex) {
					logger.error("A task of the host's thread failed", ex.getCause());
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
		}

	}

}
