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
	 * @return what is to be known of the run
	 */
	public <A extends @Nullable Object> Running<A> run(Callable<? extends CompletionStage<A>> work) {
		Run<A> run = new Run<>(work, this.unblocked);
		this.runs.add(run);
		run.ended.whenComplete((ended, failure) -> this.runs.remove(run));
		try {
			lookAfter(this.timeout.toNanos());
			this.executor.execute(run);
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			// The latter is also what it is called that there can be no more threads.
			run.stop(ex);
			run.ended.complete(null);
		}
		return new Running<>(run.outcome, run.ended);
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
			if (!run.outcome.isDone()) {
				long rest = this.timeout.toNanos() - (now - run.begun);
				if (rest <= 0) {
					run.stop(new HandlerTimeoutException(this.timeout));
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

	/**
	 * A handler that runs, or has run.
	 *
	 * @param <A> what comes of it
	 * @param outcome completes with the outcome; fails with what the handler threw, with
	 * {@link HandlerTimeoutException}, or with {@link HandlerStoppedException}
	 * @param ended completes, never with an exception, when the handler's thread is free
	 * and its asynchronous work has completed or was cancelled
	 */
	public record Running<A extends @Nullable Object>(CompletionStage<A> outcome,
			CompletionStage<@Nullable Void> ended) {
	}

	private static final class Run<A extends @Nullable Object> implements Runnable {

		private final Callable<? extends CompletionStage<A>> work;

		private final long begun = System.nanoTime();

		private final CompletableFuture<A> outcome = new CompletableFuture<>();

		private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

		private @Nullable Thread thread;

		private @Nullable CompletableFuture<A> asynchronous;

		private boolean stopped;

		private final Runnable unblocked;

		private Run(Callable<? extends CompletionStage<A>> work, Runnable unblocked) {
			this.work = work;
			this.unblocked = unblocked;
		}

		@Override
		public void run() {
			if (!begin()) {
				this.ended.complete(null);
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
			finally {
				free();
			}
			this.unblocked.run();
			handedOver(result);
		}

		private void handedOver(CompletableFuture<A> result) {
			boolean cancel;
			synchronized (this) {
				this.asynchronous = result;
				cancel = this.stopped;
			}
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

		private void completed(A value, @Nullable Throwable failure) {
			if (failure != null) {
				this.outcome.completeExceptionally(unwrap(failure));
			}
			else {
				this.outcome.complete(value);
			}
			this.ended.complete(null);
		}

		private static Throwable unwrap(Throwable failure) {
			Throwable cause = failure.getCause();
			return (failure instanceof CompletionException && cause != null) ? cause : failure;
		}

		private synchronized boolean begin() {
			if (this.stopped) {
				return false;
			}
			this.thread = Thread.currentThread();
			return true;
		}

		/**
		 * From now on nobody may interrupt the thread, which goes on to something else.
		 */
		private synchronized void free() {
			this.thread = null;
			Thread.interrupted();
		}

		synchronized boolean isOnThisThread() {
			return this.thread == Thread.currentThread();
		}

		/**
		 * The outcome comes first, so that it is not what the handler makes of the
		 * interrupt.
		 */
		void stop(Throwable reason) {
			synchronized (this) {
				if (this.stopped || this.outcome.isDone()) {
					return;
				}
				this.stopped = true;
			}
			this.outcome.completeExceptionally(reason);
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

	}

}
