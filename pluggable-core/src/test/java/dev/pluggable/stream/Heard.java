package dev.pluggable.stream;

import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * Keeps what it hears, for tests to wait for. Hearing something twice, or the end before
 * the outcome, is an error that {@link #end()} tells of.
 *
 * @param <A> the outcome
 */
public final class Heard<A extends @Nullable Object> implements HandlingListener<A> {

	private final CompletableFuture<A> outcome = new CompletableFuture<>();

	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	@Override
	public void completed(A outcome, @Nullable Throwable failure) {
		boolean first = (failure != null) ? this.outcome.completeExceptionally(failure)
				: this.outcome.complete(outcome);
		if (!first) {
			this.ended.obtrudeException(new AssertionError("The outcome was told twice"));
		}
	}

	@Override
	public void ended() {
		if (!this.outcome.isDone()) {
			this.ended.obtrudeException(new AssertionError("The end was told before the outcome"));
		}
		else if (!this.ended.complete(null)) {
			this.ended.obtrudeException(new AssertionError("The end was told twice"));
		}
	}

	/**
	 * Completes with the outcome, or fails with the failure.
	 */
	public CompletableFuture<A> outcome() {
		return this.outcome;
	}

	/**
	 * Completes at the end.
	 */
	public CompletableFuture<Void> end() {
		return this.ended;
	}

}
