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
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the handlers of messages, each for a limited time.
 * <p>
 * When its time is over, a handler has failed with a {@link HandlerTimeoutException}, and
 * its thread is interrupted or its asynchronous computation is cancelled. The handler may
 * ignore that: it holds its message until it really ends, so that the
 * {@link Settlement#onFree() slot} of the message stays taken.
 * <p>
 * The runner does not limit the number of handlers that run at the same time; a
 * {@link ReopeningStream}, whose {@link ReopeningStream#handlerRunner(Duration) runner}
 * calls a handler on the thread that received the message, limits the number of messages.
 * <pre>{@code
 * HandlerRunner runner = stream.handlerRunner(Duration.ofSeconds(60));
 * runner.run(settlement, () -> CompletableFuture.completedFuture(handler.handle(message)));
 * }</pre>
 * <p>
 * Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class HandlerRunner {

	private static final Logger logger = LoggerFactory.getLogger(HandlerRunner.class);

	private static final long MAX_CHECK_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

	/**
	 * The handler that runs on the thread.
	 */
	private static final ThreadLocal<HandlerRunner.@Nullable Run<?>> CURRENT = new ThreadLocal<>();

	private final Executor executor;

	/**
	 * Called on the thread of a handler when the handler has returned.
	 */
	private final Runnable unblocked;

	private final ScheduledExecutorService timer;

	private final Duration timeout;

	/**
	 * The handlers that have not ended.
	 */
	private final Set<Run<?>> runs = ConcurrentHashMap.newKeySet();

	/**
	 * Whether a check of the timeouts is scheduled. One check for all runs, at the
	 * timeout of the oldest run or after a second, costs less than a timer for each run,
	 * which would cost more than many a handler.
	 */
	private final AtomicBoolean checkScheduled = new AtomicBoolean();

	/**
	 * Create a runner.
	 * @param executor calls the handlers, which may block
	 * @param timer runs short tasks when the time of a handler is over
	 * @param timeout time that each handler has, positive
	 */
	public HandlerRunner(Executor executor, ScheduledExecutorService timer, Duration timeout) {
		this(executor, timer, timeout, () -> {
		});
	}

	HandlerRunner(Executor executor, ScheduledExecutorService timer, Duration timeout, Runnable unblocked) {
		this.executor = executor;
		this.timer = timer;
		this.timeout = timeout;
		this.unblocked = unblocked;
	}

	/**
	 * Run the handler of a message, and settle the message with its result: the value of
	 * the stage, or the failure as described by the other {@code run} method. Does not
	 * block. A handler of a message that is settled already is not called.
	 * @param <A> the answer
	 * @param settlement the message
	 * @param handler calls the handler, and may block
	 */
	public <A extends @Nullable Object> void run(Settlement<A> settlement,
			Callable<? extends CompletionStage<A>> handler) {
		run(settlement, handler, settlement::settle);
	}

	/**
	 * Run the handler of a message, and pass its result on. Does not block. A handler of
	 * a message that is settled already is not called, and has no result.
	 * @param <V> the result
	 * @param settlement the message; the handler holds it until the handler's thread is
	 * back and its asynchronous computation is completed or cancelled
	 * @param handler calls the handler, and may block
	 * @param result receives the value, or the failure: the exception of the handler, a
	 * {@link HandlerTimeoutException}, a {@link HandlerStoppedException}, or a
	 * {@link RejectedExecutionException} if the executor has ended. Called once, on any
	 * thread; must not block. If it throws an exception, the message fails with that
	 * exception.
	 */
	public <V extends @Nullable Object> void run(Settlement<?> settlement,
			Callable<? extends CompletionStage<V>> handler,
			BiConsumer<? super @Nullable V, ? super @Nullable Throwable> result) {
		if (!settlement.hold()) {
			return;
		}
		Run<V> run = new Run<>(settlement, handler, result);
		this.runs.add(run);
		try {
			scheduleCheck(this.timeout.toNanos());
			this.executor.execute(run);
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			// The JVM throws an OutOfMemoryError if the system has no more threads.
			run.stop(ex);
			run.release();
		}
	}

	private void scheduleCheck(long nanos) {
		if (this.checkScheduled.compareAndSet(false, true)) {
			try {
				this.timer.schedule(this::checkTimeouts, Math.min(nanos, MAX_CHECK_INTERVAL_NANOS),
						TimeUnit.NANOSECONDS);
			}
			catch (RejectedExecutionException ex) {
				this.checkScheduled.set(false);
				throw ex;
			}
		}
	}

	/**
	 * Stop the runs whose time is over. A run that begins meanwhile is seen here, or
	 * schedules the next check itself.
	 */
	private void checkTimeouts() {
		this.checkScheduled.set(false);
		long now = System.nanoTime();
		long next = Long.MAX_VALUE;
		for (Run<?> run : this.runs) {
			if (!run.isDecided()) {
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
				scheduleCheck(next);
			}
			catch (RejectedExecutionException ex) {
				// The owner of the timer is stopping, and stops the handlers itself.
			}
		}
	}

	/**
	 * Stop all handlers that run now: each fails with a {@link HandlerStoppedException},
	 * and is interrupted or cancelled. Does not wait for their threads.
	 */
	public void stopAll() {
		this.runs.forEach((run) -> run.stop(new HandlerStoppedException()));
	}

	/**
	 * Whether the calling thread runs a handler of this runner. Such a thread must not
	 * wait for the end of all handlers.
	 * @return {@code true} if it does
	 */
	public boolean isHandling() {
		Run<?> run = CURRENT.get();
		return run != null && run.runner() == this;
	}

	/**
	 * Detach the handler that runs on the calling thread, if there is one: the handler
	 * closes what delivers its messages. Its message gets no answer, and nobody waits for
	 * the handler, which is not interrupted.
	 * @return whether the calling thread runs a handler, of whatever runner
	 */
	public static boolean detachCurrent() {
		Run<?> run = CURRENT.get();
		if (run != null) {
			run.detach();
		}
		return run != null;
	}

	/**
	 * One call of a handler. Its result is decided once: by the handler, by the timeout,
	 * or by {@link #stopAll()}.
	 */
	private final class Run<V extends @Nullable Object> implements Runnable {

		private final Settlement<?> settlement;

		private final Callable<? extends CompletionStage<V>> handler;

		private final BiConsumer<? super @Nullable V, ? super @Nullable Throwable> result;

		private final long begun = System.nanoTime();

		private @Nullable Thread thread;

		private @Nullable CompletableFuture<V> asynchronous;

		private boolean decided;

		private boolean released;

		private Run(Settlement<?> settlement, Callable<? extends CompletionStage<V>> handler,
				BiConsumer<? super @Nullable V, ? super @Nullable Throwable> result) {
			this.settlement = settlement;
			this.handler = handler;
			this.result = result;
		}

		@Override
		public void run() {
			if (!begin()) {
				release();
				return;
			}
			CURRENT.set(this);
			CompletableFuture<V> stage = call();
			CURRENT.set(null);
			boolean cancel = returned(stage);
			HandlerRunner.this.unblocked.run();
			if (stage.isDone() && !stage.isCompletedExceptionally()) {
				// The result of a handler that blocks needs no further object.
				completed(stage.join(), null);
			}
			else {
				stage.whenComplete(this::completed);
			}
			if (cancel) {
				stage.cancel(true);
			}
		}

		private CompletableFuture<V> call() {
			try {
				CompletionStage<V> stage = this.handler.call();
				// Some stages refuse to become a future, with an exception.
				return (stage != null) ? stage.toCompletableFuture()
						: CompletableFuture.failedFuture(new NullPointerException("the handler returned null"));
			}
			catch (Throwable ex) {
				return CompletableFuture.failedFuture(ex);
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
		 * Protect the thread, whose next task is another one, from interrupts.
		 * @return whether the result is decided, so that nobody waits for the stage
		 */
		private synchronized boolean returned(CompletableFuture<V> stage) {
			this.thread = null;
			Thread.interrupted();
			this.asynchronous = stage;
			return this.decided;
		}

		/**
		 * The hold ends before the result is passed on, so that a message which this
		 * result settles is free in the same step.
		 */
		private void completed(@Nullable V value, @Nullable Throwable failure) {
			boolean first = decide();
			release();
			if (first) {
				passOn(value, (failure != null) ? unwrap(failure) : null);
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

		private void passOn(@Nullable V value, @Nullable Throwable failure) {
			try {
				this.result.accept(value, failure);
			}
			catch (RuntimeException | Error ex) {
				logger.error("The result of a handler could not be processed", ex);
				this.settlement.fail(ex);
			}
		}

		void release() {
			HandlerRunner.this.runs.remove(this);
			synchronized (this) {
				if (this.released) {
					return;
				}
				this.released = true;
			}
			this.settlement.release();
		}

		HandlerRunner runner() {
			return HandlerRunner.this;
		}

		void detach() {
			synchronized (this) {
				this.thread = null;
			}
			if (decide()) {
				passOn(null, new HandlerStoppedException());
			}
			release();
		}

		void stop(Throwable reason) {
			if (decide()) {
				passOn(null, reason);
				interrupt();
			}
		}

		private void interrupt() {
			CompletableFuture<V> cancelled;
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
		 * The identity hash code of an object would take the place of its lightweight
		 * lock and make the lock an expensive one.
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
