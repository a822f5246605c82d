package dev.pluggable.stream;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one stream. The callbacks of its calls and the handlers of its messages
 * run on the same threads, so that a message is handled where it was received and does
 * not wait until another thread wakes up.
 * <p>
 * A thread is <i>alert</i> while it does nothing that may block: it looks for the next
 * task before it ends. A new task calls another thread only if no thread is alert and
 * none is on its way. When the last alert thread begins a task that may block, and
 * further tasks wait, it calls another thread. Thus most handlers end before a second
 * thread has started, and handlers that block get more threads soon enough. The caller
 * limits the number of tasks. A thread without tasks goes back to its executor.
 * <p>
 * To wake another thread takes longer than a handler that hardly works. While handlers
 * are that short, waiting tasks call another thread only if no handler has ended for a
 * millisecond. Safe for use by many threads.
 */
final class StreamThreads implements Executor {

	private static final Logger logger = LoggerFactory.getLogger(StreamThreads.class);

	/**
	 * The time of handlers that are not worth another thread.
	 */
	private static final long SHORT_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

	/**
	 * The longest time for which tasks wait for a handler that should be short.
	 */
	static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private final Executor threads;

	private final ScheduledExecutorService timer;

	private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

	/**
	 * The number of threads that are alert or on their way.
	 */
	private final AtomicInteger alert = new AtomicInteger();

	/**
	 * The number of threads whose task may block.
	 */
	private final AtomicInteger blocked = new AtomicInteger();

	/**
	 * What the thread does; {@code null} for threads of others.
	 */
	private final ThreadLocal<@Nullable Worker> worker = new ThreadLocal<>();

	/**
	 * Changes with each handler that ends. Lost updates do no harm.
	 */
	private final AtomicInteger progress = new AtomicInteger();

	private final AtomicBoolean checkScheduled = new AtomicBoolean();

	private volatile int progressBefore;

	/**
	 * How long the last handlers took, at most {@link #PATIENCE_NANOS}. Lost updates do
	 * no harm.
	 */
	private volatile long typicalNanos;

	/**
	 * Create the threads of a stream.
	 * @param threads executor that provides the threads
	 * @param timer runs short tasks that do not block
	 */
	StreamThreads(Executor threads, ScheduledExecutorService timer) {
		this.threads = threads;
		this.timer = timer;
	}

	/**
	 * Run a handler, which may block until it calls {@link #unblocked()}.
	 * @throws RejectedExecutionException if the executor has ended
	 */
	@Override
	public void execute(Runnable handler) {
		add(handler);
	}

	/**
	 * Run a callback of gRPC. If the executor has ended, the callback runs on the calling
	 * thread, so that each call learns of its end.
	 */
	void callback(Runnable callback) {
		try {
			add(new Callback(callback));
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			logger.debug("A callback ran on the calling thread", ex);
		}
	}

	private void add(Runnable task) {
		this.tasks.add(task);
		try {
			callAnother();
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			if (task instanceof Callback || this.tasks.remove(task)) {
				throw ex;
			}
		}
	}

	/**
	 * Call a thread if none is alert, and if none soon will be.
	 */
	private void callAnother() {
		// A thread whose task has ended looks for tasks after it has left this count.
		boolean soon = this.alert.get() == 0 && this.blocked.get() > 0 && this.typicalNanos < SHORT_NANOS;
		if (!soon || !checkLater()) {
			callNow();
		}
	}

	private void callNow() {
		if (this.alert.compareAndSet(0, 1)) {
			try {
				this.threads.execute(this::work);
			}
			catch (RejectedExecutionException | OutOfMemoryError ex) {
				this.alert.decrementAndGet();
				runCallbacks();
				throw ex;
			}
		}
	}

	/**
	 * Look later whether tasks still wait.
	 * @return {@code false} if the timer has ended
	 */
	private boolean checkLater() {
		if (this.checkScheduled.compareAndSet(false, true)) {
			this.progressBefore = this.progress.get();
			try {
				this.timer.schedule(this::check, PATIENCE_NANOS, TimeUnit.NANOSECONDS);
			}
			catch (RejectedExecutionException ex) {
				this.checkScheduled.set(false);
				return false;
			}
		}
		return true;
	}

	private void check() {
		this.checkScheduled.set(false);
		if (this.alert.get() > 0 || this.tasks.isEmpty()) {
			return;
		}
		if (this.progress.get() != this.progressBefore && checkLater()) {
			return;
		}
		this.typicalNanos = PATIENCE_NANOS;
		tryTo(this::callNow);
	}

	private static void tryTo(Runnable call) {
		try {
			call.run();
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			logger.debug("The remaining tasks wait for a thread that is busy", ex);
		}
	}

	/**
	 * Run all callbacks on the calling thread. Other callers may have relied on the
	 * thread that could not be called.
	 */
	private void runCallbacks() {
		for (Runnable task : this.tasks) {
			if (task instanceof Callback && this.tasks.remove(task)) {
				task.run();
			}
		}
	}

	private void work() {
		Worker worker = this.worker.get();
		if (worker == null) {
			worker = new Worker();
			// The entry stays, because the thread is likely to come again.
			this.worker.set(worker);
		}
		do {
			for (Runnable task = this.tasks.poll(); task != null; task = this.tasks.poll()) {
				run(task, worker);
			}
			this.alert.decrementAndGet();
			// A task that was added before this line may rely on this thread.
		}
		while (!this.tasks.isEmpty() && this.alert.compareAndSet(0, 1));
	}

	private void run(Runnable task, Worker worker) {
		try {
			if (!(task instanceof Callback)) {
				begin(worker);
			}
			task.run();
		}
		catch (Throwable ex) {
			// The failure does not concern the next task.
			logger.error("A task of a stream failed", ex);
		}
		finally {
			end(worker);
		}
	}

	private void begin(Worker worker) {
		worker.blocked = true;
		worker.begun = System.nanoTime();
		this.blocked.incrementAndGet();
		if (this.alert.decrementAndGet() == 0 && !this.tasks.isEmpty()) {
			tryTo(this::callAnother);
		}
	}

	/**
	 * Make the calling thread alert again, if it belongs to the stream: the rest of its
	 * task does not block.
	 */
	void unblocked() {
		Worker worker = this.worker.get();
		if (worker != null) {
			end(worker);
		}
	}

	private void end(Worker worker) {
		if (worker.blocked) {
			worker.blocked = false;
			long typical = this.typicalNanos;
			long nanos = Math.min(System.nanoTime() - worker.begun, PATIENCE_NANOS);
			this.typicalNanos = typical + (nanos - typical) / 8;
			this.progress.lazySet(this.progress.get() + 1);
			this.alert.incrementAndGet();
			this.blocked.decrementAndGet();
		}
	}

	/**
	 * What a thread of the stream does. Only the thread itself uses the fields.
	 */
	private static final class Worker {

		/**
		 * Whether the task may block.
		 */
		private boolean blocked;

		private long begun;

	}

	/**
	 * Marks a callback of gRPC. Not a record, because two callbacks are never equal.
	 */
	private static final class Callback implements Runnable {

		private final Runnable callback;

		Callback(Runnable callback) {
			this.callback = callback;
		}

		@Override
		public void run() {
			this.callback.run();
		}

	}

}
