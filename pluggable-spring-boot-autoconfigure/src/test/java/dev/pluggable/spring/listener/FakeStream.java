package dev.pluggable.spring.listener;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.Draining;
import dev.pluggable.Registration;
import dev.pluggable.stream.StreamStatus;

/**
 * A stream of messages that a test sends. A drained stream ends when no handler is
 * running.
 */
public class FakeStream implements Registration, Draining {

	public final List<Duration> drains = new CopyOnWriteArrayList<>();

	private final AtomicInteger received = new AtomicInteger();

	private final AtomicInteger inFlight = new AtomicInteger();

	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	private volatile boolean draining;

	protected final <R> CompletionStage<R> handle(CompletionStage<R> result) {
		result.whenComplete((value, failure) -> {
			this.inFlight.decrementAndGet();
			endIfIdle();
		});
		return result;
	}

	protected final void begin() {
		if (this.draining) {
			throw new IllegalStateException("no more messages");
		}
		this.received.incrementAndGet();
		this.inFlight.incrementAndGet();
	}

	private void endIfIdle() {
		if (this.draining && this.inFlight.get() == 0) {
			this.ended.complete(null);
		}
	}

	public StreamStatus status() {
		StreamStatus.State state = this.ended.isDone() ? StreamStatus.State.CLOSED
				: this.draining ? StreamStatus.State.DRAINING : StreamStatus.State.ACTIVE;
		return new StreamStatus(state, null, 1, Instant.EPOCH, 0, this.received.get(), this.inFlight.get());
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		this.drains.add(grace);
		this.draining = true;
		endIfIdle();
		return this.ended;
	}

	@Override
	public void close() {
		this.draining = true;
		this.ended.complete(null);
	}

}
