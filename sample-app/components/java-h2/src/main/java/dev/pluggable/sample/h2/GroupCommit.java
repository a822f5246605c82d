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
 * Lets writers that come at the same time share one commit: while one is on its way to
 * the disk, the next ones gather. Work is done by one thread, in the order in which it
 * came; callers return when it is committed. Safe for use by many threads.
 */
final class GroupCommit implements AutoCloseable {

	private static final int MAX_BATCH = 1000;

	private static final long IDLE_SECONDS = 1;

	private final String name;

	private final Journal journal;

	private final Consumer<Throwable> fatal;

	private final BlockingQueue<Task> queue = new LinkedBlockingQueue<>();

	private final Thread thread;

	/** Changed under the lock of the queue, so that nothing comes after the end. */
	private volatile boolean closed;

	private volatile @Nullable Throwable failure;

	/**
	 * Begin.
	 * @param name name of the component
	 * @param journal what commits; called by the one thread only
	 * @param fatal told once, when a commit has failed; nothing is done from then on
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
	 * Do something and wait until it is on the disk.
	 * @param work changes something, or throws before it has changed anything
	 * @throws PluggableException what the work throws, or if it could not be committed
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
	 * Check that work would be done.
	 * @throws PluggableException if not
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
	 * How much work nobody has begun with.
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
				// Nobody but us has this thread, and the end comes through the queue.
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
		// Also what was refused is told only now, as it may be for something that is not
		// on the disk before.
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
	 * Commit what was submitted, and end.
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
	 * What is committed to.
	 */
	interface Journal {

		/**
		 * Write everything that was done and return when it is on the disk.
		 */
		void commit();

		/**
		 * Nothing was asked for a while.
		 */
		void idle();

		/**
		 * The end; nothing is called after it.
		 * @param well whether all commits were successful
		 */
		void end(boolean well);

	}

	private record Task(Runnable work, CompletableFuture<@Nullable Void> done) {

		static final Task END = new Task(() -> {
		}, new CompletableFuture<>());

		/**
		 * Do the work.
		 * @return tells the caller how it went
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
