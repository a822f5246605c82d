package dev.pluggable.sample.h2;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import org.jspecify.annotations.Nullable;

/**
 * Lets concurrent writers share one commit: while one commit is on its way to the disk,
 * the next writers gather. One thread does all work, in the order in which the work was
 * submitted. A caller returns when its work is committed. Safe for use by many threads.
 */
final class GroupCommit implements AutoCloseable {

	private static final int MAX_BATCH = 1000;

	private static final long IDLE_SECONDS = 1;

	private final String name;

	private final Journal journal;

	private final Consumer<Throwable> fatal;

	private final BlockingQueue<Task> queue = new LinkedBlockingQueue<>();

	private final Thread thread;

	/** Guarded by the lock of the queue, so that no work follows the end. */
	private volatile boolean closed;

	private volatile @Nullable Throwable failure;

	/**
	 * Create and start the thread.
	 * @param name name of the component
	 * @param journal writes the commits; only the one thread calls it
	 * @param fatal told once, when a commit has failed; no work is done after that
	 */
	GroupCommit(String name, Journal journal, Consumer<Throwable> fatal) {
		this.name = name;
		this.journal = journal;
		this.fatal = fatal;
		this.thread = new Thread(this::run, "h2-" + name);
		this.thread.setDaemon(true);
		this.thread.start();
	}

	/**
	 * Do some work and wait until its changes are on the disk.
	 * @param work changes something, or throws before it has changed anything
	 * @throws PluggableException if the work throws it, or the changes could not be
	 * committed
	 */
	void submit(Runnable work) {
		Task task = new Task(work, new CompletableFuture<>());
		synchronized (this.queue) {
			checkUsable();
			this.queue.add(task);
		}
		try {
			task.done.join();
		}
		catch (CompletionException ex) {
			if (ex.getCause() instanceof PluggableException cause) {
				throw cause;
			}
			throw new ComponentException("Component '" + this.name + "' failed: " + ex.getCause(), ex.getCause());
		}
	}

	/**
	 * Check that work is accepted.
	 * @throws PluggableException if it is not
	 */
	void checkUsable() {
		Throwable failure = this.failure;
		if (failure != null) {
			throw new ComponentException("Component '" + this.name + "' cannot write any more: " + failure.getMessage(),
					failure);
		}
		if (isClosed()) {
			throw new ComponentUnavailableException(this.name, "state", null, "its store is closed");
		}
	}

	boolean isClosed() {
		return this.closed;
	}

	/**
	 * How many submissions still wait for the thread.
	 * @return number of submissions
	 */
	int waiting() {
		return this.queue.size();
	}

	private void run() {
		List<Task> batch = new ArrayList<>();
		boolean goOn = true;
		while (goOn) {
			batch.clear();
			try {
				goOn = await(batch);
			}
			catch (InterruptedException ex) {
				// No other class has this thread, and the end arrives through the queue.
				continue;
			}
			goOn &= commit(batch);
		}
		this.journal.end(this.failure == null);
	}

	private boolean await(List<Task> batch) throws InterruptedException {
		Task first = this.queue.poll(IDLE_SECONDS, TimeUnit.SECONDS);
		if (first != null) {
			batch.add(first);
			this.queue.drainTo(batch, MAX_BATCH - 1);
		}
		return !batch.remove(Task.END);
	}

	private boolean commit(List<Task> batch) {
		List<Runnable> answers = new ArrayList<>(batch.size());
		try {
			for (Task task : batch) {
				answers.add(task.run());
			}
			if (batch.isEmpty()) {
				this.journal.idle();
			}
			else {
				this.journal.commit();
			}
		}
		catch (Throwable ex) {
			fail(batch, ex);
			return false;
		}
		// Callers hear even of a refusal only now, because it may depend on a change that
		// was not on the disk before.
		answers.forEach(Runnable::run);
		return true;
	}

	private void fail(List<Task> batch, Throwable failure) {
		List<Task> lost = new ArrayList<>(batch);
		synchronized (this.queue) {
			this.failure = failure;
			this.closed = true;
			this.queue.drainTo(lost);
		}
		ComponentException exception = new ComponentException(
				"Component '" + this.name + "' cannot say whether the data was stored: " + failure, failure);
		lost.forEach((task) -> task.done.completeExceptionally(exception));
		this.fatal.accept(failure);
	}

	/**
	 * Commit all submitted work, and end.
	 */
	@Override
	public void close() {
		synchronized (this.queue) {
			if (!this.closed) {
				this.closed = true;
				this.queue.add(Task.END);
			}
		}
		boolean interrupted = false;
		while (this.thread.isAlive()) {
			try {
				this.thread.join();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * The target of commits.
	 */
	interface Journal {

		/**
		 * Write all changes and return when they are on the disk.
		 */
		void commit();

		/**
		 * No work was submitted for a while.
		 */
		void idle();

		/**
		 * The end; no other method is called after this one.
		 * @param well whether all commits were successful
		 */
		void end(boolean well);

	}

	private record Task(Runnable work, CompletableFuture<@Nullable Void> done) {

		static final Task END = new Task(() -> {
		}, new CompletableFuture<>());

		/**
		 * Do the work.
		 * @return completes the caller's wait with the result
		 */
		Runnable run() {
			try {
				this.work.run();
			}
			catch (PluggableException ex) {
				return () -> this.done.completeExceptionally(ex);
			}
			return () -> this.done.complete(null);
		}

	}

}
