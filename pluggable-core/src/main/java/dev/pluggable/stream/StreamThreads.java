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
 * run on the same ones, so that a message is handled where it was received and need not
 * wait for another thread to wake up.
 * <p>
 * A thread is <i>alert</i> while it does nothing that may block: it will look for the
 * next task before it goes. As long as there is one, or one is on its way, nobody calls
 * another; when the last one begins something that may block, and there is more to do, it
 * does. So most handlers are done before a second thread is there, and for those that
 * block it comes soon enough. Who submits bounds how much there is; threads that have
 * nothing to do go back to where they came from. Safe for use by many threads.
 */
final class StreamThreads implements Executor {

	private static final Logger logger = LoggerFactory.getLogger(StreamThreads.class);

	private final Executor threads;

	private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

	/**
	 * How many threads are alert, or on their way.
	 */
	private final AtomicInteger alert = new AtomicInteger();

	/**
	 * Whether the thread is alert; {@code null} if it is none of ours.
	 */
	private final ThreadLocal<@Nullable Boolean> isAlert = new ThreadLocal<>();

	/**
	 * Threads of a stream.
	 * @param threads where they come from
	 */
	StreamThreads(Executor threads) {
		this.threads = threads;
	}

	/**
	 * Run something that may block, and that says {@link #unblocked()} when it cannot any
	 * more.
	 * @throws RejectedExecutionException if there are no threads any more
	 */
	@Override
	public void execute(Runnable handler) {
		add(handler);
	}

	/**
	 * Run a callback of gRPC. If there are no threads any more, it runs here, so that a
	 * call always learns of its end.
	 */
	void callback(Runnable callback) {
		try {
			add(new Callback(callback));
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			logger.debug("A callback ran on the thread that had it", ex);
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
	 * Without a thread: others may have relied on the one that does not come.
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
			// Who added something before this line may have relied on this thread.
		}
		while (!this.tasks.isEmpty() && this.alert.compareAndSet(0, 1));
		// Not removed: the thread will most likely come again.
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
			// The next task is somebody else's.
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
				logger.debug("What is left waits for a thread that is there", ex);
			}
		}
	}

	/**
	 * The calling thread, if it is one of these, does nothing any more that may block.
	 */
	void unblocked() {
		if (Boolean.FALSE.equals(this.isAlert.get())) {
			this.isAlert.set(true);
			this.alert.incrementAndGet();
		}
	}

	/**
	 * Not a record: each is itself.
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
