package dev.pluggable.stream;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs handlers, each for a limited time. When the time is over, the thread of the
 * handler is interrupted, or its asynchronous work is cancelled, and the outcome is a
 * failure at once; whether the thread obeys is another matter, which is why its end is
 * told apart. Safe for use by many threads.
 * <p>
 * Internal: public for the kinds of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class HandlerRunner {

	private static final Logger logger = LoggerFactory.getLogger(HandlerRunner.class);

	/**
	 * The longest that the timer is kept when nothing is handled any more.
	 */
	private static final long LONGEST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final Executor executor;

	/**
	 * Called on the thread of a handler when it has ended.
	 */
	private final Runnable unblocked;

	private final ScheduledExecutorService timer;

	private final Duration timeout;

	/**
	 * Those that have not ended.
	 */
	private final Set<Run<?>> runs = ConcurrentHashMap.newKeySet();

	/**
	 * Whether the timer will look at the runs. It does so when the time of the oldest is
	 * over, and each second as long as there are any: a timer for each run would cost
	 * more than many a handler.
	 */
	private final AtomicBoolean timed = new AtomicBoolean();

	/**
	 * A runner.
	 * @param executor runs the handlers
	 * @param timer ends their time
	 * @param timeout how long each may take
	 */
	public HandlerRunner(Executor executor, ScheduledExecutorService timer, Duration timeout) {
		this.executor = executor;
		this.unblocked = (executor instanceof StreamThreads threads) ? threads::unblocked : () -> {
		};
		this.timer = timer;
		this.timeout = timeout;
	}

	/**
	 * Run a handler.
	 * @param <A> what comes of it
	 * @param work calls the handler; may block
	 * @param listener hears of the outcome, or of the failure: what the handler threw, a
	 * {@link HandlerTimeoutException}, or a {@link HandlerStoppedException}; and of the
	 * end, when the handler's thread is free and its asynchronous work has completed or
	 * was cancelled
	 */
	public <A extends @Nullable Object> void run(Callable<? extends CompletionStage<A>> work,
			HandlingListener<@Nullable A> listener) {
		Run<A> run = new Run<>(work, listener);
		this.runs.add(run);
		try {
			lookAfter(this.timeout.toNanos());
			this.executor.execute(run);
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			// The latter is also what it is called that there can be no more threads.
			run.stop(ex);
			run.end();
		}
	}

	private void lookAfter(long nanos) {
		if (this.timed.compareAndSet(false, true)) {
			try {
				this.timer.schedule(this::look, Math.min(nanos, LONGEST_LOOK_NANOS), TimeUnit.NANOSECONDS);
			}
			catch (RejectedExecutionException ex) {
				this.timed.set(false);
				throw ex;
			}
		}
	}

	/**
	 * Stop the runs whose time is over, and look again when that of the next one is. Runs
	 * that begin meanwhile are seen, or see that nobody looks after them.
	 */
	private void look() {
		this.timed.set(false);
		long now = System.nanoTime();
		long next = Long.MAX_VALUE;
		for (Run<?> run : this.runs) {
			if (!run.isDecided()) {
				long rest = this.timeout.toNanos() - (now - run.begun);
				if (rest <= 0) {
					timedOut(run);
				}
				else {
					next = Math.min(next, rest);
				}
			}
		}
		if (next < Long.MAX_VALUE) {
			try {
				lookAfter(next);
			}
			catch (RejectedExecutionException ex) {
				// Whoever owns the timer is stopping.
			}
		}
	}

	private void timedOut(Run<?> run) {
		try {
			run.stop(new HandlerTimeoutException(this.timeout));
		}
		catch (RuntimeException ex) {
			// Those that follow have their times, too.
			logger.error("The end of a handler's time could not be told", ex);
		}
	}

	/**
	 * End the time of all handlers that run now.
	 */
	public void stopAll() {
		this.runs.forEach((run) -> run.stop(new HandlerStoppedException()));
	}

	/**
	 * Whether the calling thread is one that handles a message.
	 * @return {@code true} if so
	 */
	public boolean isHandling() {
		return this.runs.stream().anyMatch(Run::isOnThisThread);
	}

	private final class Run<A extends @Nullable Object> implements Runnable {

		private final Callable<? extends CompletionStage<A>> work;

		private final HandlingListener<@Nullable A> listener;

		private final long begun = System.nanoTime();

		private @Nullable Thread thread;

		private @Nullable CompletableFuture<A> asynchronous;

		/** Whether the outcome is known, and nothing can change it. */
		private boolean decided;

		/** Whether the listener has heard of the outcome. */
		private boolean told;

		private boolean ended;

		private Run(Callable<? extends CompletionStage<A>> work, HandlingListener<@Nullable A> listener) {
			this.work = work;
			this.listener = listener;
		}

		@Override
		public void run() {
			if (!begin()) {
				end();
				return;
			}
			CompletableFuture<A> result;
			try {
				CompletionStage<A> stage = this.work.call();
				// Not every stage can be turned into a future.
				result = (stage != null) ? stage.toCompletableFuture()
						: CompletableFuture.failedFuture(new NullPointerException("the handler returned null"));
			}
			catch (Throwable ex) {
				result = CompletableFuture.failedFuture(ex);
			}
			boolean cancel = free(result);
			HandlerRunner.this.unblocked.run();
			if (result.isDone() && !result.isCompletedExceptionally()) {
				// As of all handlers that block: without another object for it.
				completed(result.join(), null);
			}
			else {
				result.whenComplete(this::completed);
			}
			if (cancel) {
				result.cancel(true);
			}
		}

		private synchronized boolean begin() {
			if (this.decided) {
				return false;
			}
			this.thread = Thread.currentThread();
			return true;
		}

		/**
		 * From now on nobody may interrupt the thread, which goes on to something else.
		 * @return whether nobody waits for the result any more
		 */
		private synchronized boolean free(CompletableFuture<A> result) {
			this.thread = null;
			Thread.interrupted();
			this.asynchronous = result;
			return this.decided;
		}

		private void completed(@Nullable A value, @Nullable Throwable failure) {
			try {
				if (decide()) {
					tell(value, (failure != null) ? unwrap(failure) : null);
				}
			}
			finally {
				end();
			}
		}

		private static Throwable unwrap(Throwable failure) {
			Throwable cause = failure.getCause();
			return (failure instanceof CompletionException && cause != null) ? cause : failure;
		}

		private synchronized boolean decide() {
			boolean first = !this.decided;
			this.decided = true;
			return first;
		}

		synchronized boolean isDecided() {
			return this.decided;
		}

		private void tell(@Nullable A value, @Nullable Throwable failure) {
			boolean over;
			try {
				this.listener.completed(value, failure);
			}
			finally {
				synchronized (this) {
					this.told = true;
					over = this.ended;
				}
				if (over) {
					this.listener.ended();
				}
			}
		}

		/**
		 * The listener hears of it after the outcome.
		 */
		void end() {
			HandlerRunner.this.runs.remove(this);
			synchronized (this) {
				boolean first = !this.ended;
				this.ended = true;
				if (!first || !this.told) {
					return;
				}
			}
			this.listener.ended();
		}

		synchronized boolean isOnThisThread() {
			return this.thread == Thread.currentThread();
		}

		/**
		 * The outcome comes first, so that it is not what the handler makes of the
		 * interrupt.
		 */
		void stop(Throwable reason) {
			if (!decide()) {
				return;
			}
			try {
				tell(null, reason);
			}
			finally {
				interrupt();
			}
		}

		private void interrupt() {
			CompletableFuture<A> cancelled;
			synchronized (this) {
				if (this.thread != null) {
					this.thread.interrupt();
				}
				cancelled = this.asynchronous;
			}
			if (cancelled != null) {
				cancelled.cancel(true);
			}
		}

		/**
		 * The hash that an object has by itself takes the place of its lock, which would
		 * then be one of the expensive ones.
		 */
		@Override
		public int hashCode() {
			return Long.hashCode(this.begun);
		}

		@Override
		public boolean equals(@Nullable Object obj) {
			return this == obj;
		}

	}

}
