package dev.pluggable.stream;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
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
 * limits the number of tasks. A thread without tasks goes back to its executor. Safe for
 * use by many threads.
 */
final class StreamThreads implements Executor {

	private static final Logger logger = LoggerFactory.getLogger(StreamThreads.class);

	private final Executor threads;

	private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

	/**
	 * The number of threads that are alert or on their way.
	 */
	private final AtomicInteger alert = new AtomicInteger();

	/**
	 * Whether the thread is alert; {@code null} for threads of others.
	 */
	private final ThreadLocal<@Nullable Boolean> isAlert = new ThreadLocal<>();

	/**
	 * Create the threads of a stream.
	 * @param threads executor that provides the threads
	 */
	StreamThreads(Executor threads) {
		this.threads = threads;
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
	 * Call a thread if none is alert.
	 */
	private void callAnother() {
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
		this.isAlert.set(true);
		do {
			for (Runnable task = this.tasks.poll(); task != null; task = this.tasks.poll()) {
				run(task);
			}
			this.alert.decrementAndGet();
			// A task that was added before this line may rely on this thread.
		}
		while (!this.tasks.isEmpty() && this.alert.compareAndSet(0, 1));
		// The entry stays, because the thread is likely to come again.
		this.isAlert.set(null);
	}

	private void run(Runnable task) {
		try {
			if (!(task instanceof Callback)) {
				blocks();
			}
			task.run();
		}
		catch (Throwable ex) {
			// The failure does not concern the next task.
			logger.error("A task of a stream failed", ex);
		}
		finally {
			unblocked();
		}
	}

	private void blocks() {
		this.isAlert.set(false);
		if (this.alert.decrementAndGet() == 0 && !this.tasks.isEmpty()) {
			try {
				callAnother();
			}
			catch (RejectedExecutionException | OutOfMemoryError ex) {
				logger.debug("The remaining tasks wait for a thread that is busy", ex);
			}
		}
	}

	/**
	 * Make the calling thread alert again, if it belongs to the stream: the rest of its
	 * task does not block.
	 */
	void unblocked() {
		if (Boolean.FALSE.equals(this.isAlert.get())) {
			this.isAlert.set(true);
			this.alert.incrementAndGet();
		}
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
