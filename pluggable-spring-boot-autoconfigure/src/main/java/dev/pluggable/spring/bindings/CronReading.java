package dev.pluggable.spring.bindings;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.BindingHandler;
import dev.pluggable.bindings.ReadRequest;
import dev.pluggable.bindings.Reading;
import dev.pluggable.stream.HandlerFailureLog;
import dev.pluggable.stream.HandlerRunner;
import dev.pluggable.stream.HandlerStoppedException;
import dev.pluggable.stream.Settlement;
import dev.pluggable.stream.StreamStatus;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

import org.springframework.core.log.LogMessage;

/**
 * Calls one handler on the schedule of a cron binding. Safe for use by many threads.
 */
final class CronReading implements Reading {

	private static final Log logger = LogFactory.getLog(CronReading.class);

	/**
	 * The longest delay before the reading checks the clock again. The clock can be set,
	 * and the delay of a timer does not advance while the machine is suspended.
	 */
	private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

	private static final Duration CLOSE_SLACK = Duration.ofSeconds(2);

	private final CronBinding binding;

	private final ReadRequest request;

	private final BindingHandler handler;

	private final HandlerRunner runner;

	private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();

	private final Instant since;

	private final CronRhythm rhythm;

	private final HandlerFailureLog failures = new HandlerFailureLog(LoggerFactory.getLogger(CronReading.class));

	private @Nullable Future<?> waiting;

	private boolean draining;

	private long runs;

	private int inFlight;

	CronReading(CronBinding binding, ReadRequest request, BindingHandler handler) {
		this.binding = binding;
		this.request = request;
		this.handler = handler;
		this.runner = new HandlerRunner(binding.handlers(), binding.scheduler(), request.handlerTimeout());
		this.since = binding.clock().instant();
		this.rhythm = binding.schedule().begin(this.since, binding.timer().nanoTime());
	}

	CompletionStage<?> closed() {
		return this.closed;
	}

	synchronized void start() {
		await(this.binding.clock().instant(), this.binding.timer().nanoTime());
	}

	private void await(Instant now, long nanos) {
		Duration delay = this.rhythm.untilNext(now, nanos);
		if (delay == null || this.draining) {
			return;
		}
		try {
			this.waiting = this.binding.timer()
				.schedule((delay.compareTo(LONGEST_WAIT) < 0) ? delay : LONGEST_WAIT, this::tick);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The cron binding is closed", ex);
		}
	}

	private synchronized void tick() {
		if (this.draining) {
			return;
		}
		Instant now = this.binding.clock().instant();
		long nanos = this.binding.timer().nanoTime();
		if (this.rhythm.take(now, nanos)) {
			if (this.inFlight < this.request.concurrency()) {
				run(now);
			}
			else {
				logger.debug(
						LogMessage.format("The %s skips a run, because %d runs are in progress", this, this.inFlight));
			}
		}
		await(now, nanos);
	}

	private void run(Instant now) {
		this.inFlight++;
		BindingEvent event = new BindingEvent(Long.toString(++this.runs), new byte[0], null,
				Map.of("readTimeUTC", now.toString(), "timeZone", this.binding.schedule().zone().getId()));
		this.runner.run(new Settlement<byte @Nullable []>() {

			@Override
			protected void onSettled(byte @Nullable [] answer, @Nullable Throwable failure) {
				if (failure != null && !(failure instanceof HandlerStoppedException)) {
					CronReading.this.failures.log(
							"The handler of the " + CronReading.this + " failed: " + failure.getClass().getName(),
							failure, new byte[0]);
				}
			}

			@Override
			protected void onFree() {
				runEnded();
			}

		}, () -> this.handler.handleAsync(event));
	}

	private synchronized void runEnded() {
		this.inFlight--;
		checkDrained();
	}

	private void checkDrained() {
		if (this.draining && this.inFlight == 0) {
			this.closed.complete(null);
		}
	}

	@Override
	public synchronized StreamStatus status() {
		StreamStatus.State state = StreamStatus.State.ACTIVE;
		if (this.draining) {
			state = this.closed.isDone() ? StreamStatus.State.CLOSED : StreamStatus.State.DRAINING;
		}
		return new StreamStatus(state, null, 0, this.since, 0, this.runs, this.inFlight);
	}

	@Override
	public synchronized CompletionStage<?> drain(Duration grace) {
		if (!this.draining) {
			this.draining = true;
			if (this.waiting != null) {
				this.waiting.cancel(false);
			}
			checkDrained();
			if (!this.closed.isDone()) {
				abandonAfter(grace);
			}
		}
		return this.closed;
	}

	private void abandonAfter(Duration grace) {
		try {
			Future<?> end = this.binding.scheduler().schedule(this::abandon, grace.toNanos(), TimeUnit.NANOSECONDS);
			this.closed.whenComplete((value, failure) -> end.cancel(false));
		}
		catch (RejectedExecutionException ex) {
			abandon();
		}
	}

	/**
	 * Stop all runs that are in progress.
	 */
	void abandon() {
		synchronized (this) {
			this.draining = true;
		}
		this.runner.stopAll();
		this.closed.complete(null);
	}

	@Override
	public void close() {
		CompletionStage<?> drained = drain(this.request.grace());
		if (this.runner.isHandling()) {
			return;
		}
		try {
			drained.toCompletableFuture().get(this.request.grace().plus(CLOSE_SLACK).toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn(LogMessage.format("The %s did not stop cleanly", this), ex);
		}
	}

	@Override
	public String toString() {
		return "reading of cron binding '" + this.binding.name() + "'";
	}

}
