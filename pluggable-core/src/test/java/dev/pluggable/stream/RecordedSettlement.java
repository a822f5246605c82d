package dev.pluggable.stream;

import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * A settlement that records what its owner is told. A second outcome, a second end, or an
 * end before the outcome is an error, with which {@link #end()} completes.
 *
 * @param <A> the answer
 */
public final class RecordedSettlement<A extends @Nullable Object> extends Settlement<A> {

	private final CompletableFuture<A> outcome = new CompletableFuture<>();

	private final CompletableFuture<Void> end = new CompletableFuture<>();

	@Override
	protected void onSettled(@Nullable A answer, @Nullable Throwable failure) {
		boolean first = (failure != null) ? this.outcome.completeExceptionally(failure) : this.outcome.complete(answer);
		if (!first) {
			this.end.obtrudeException(new AssertionError("The owner was told of a second outcome"));
		}
	}

	@Override
	protected void onFree() {
		if (!this.outcome.isDone()) {
			this.end.obtrudeException(new AssertionError("The owner was told of the end before the outcome"));
		}
		else if (!this.end.complete(null)) {
			this.end.obtrudeException(new AssertionError("The owner was told of a second end"));
		}
	}

	/**
	 * Completes with the answer, or with the failure.
	 */
	public CompletableFuture<A> outcome() {
		return this.outcome;
	}

	/**
	 * Completes when the message is free.
	 */
	public CompletableFuture<Void> end() {
		return this.end;
	}

}
