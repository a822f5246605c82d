package dev.pluggable.internal.endpoint;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import dev.pluggable.ComponentUnavailableException;

/**
 * Completes when a gate opens. Its stages may block.
 *
 * @param <T> type of the gate's target
 */
public final class GateFuture<T> extends CompletableFuture<T> implements Gate.Waiter<T> {

	private final Executor executor;

	private final Supplier<ComponentUnavailableException> unavailability;

	private GateFuture(Executor executor, Supplier<ComponentUnavailableException> unavailability) {
		this.executor = executor;
		this.unavailability = unavailability;
	}

	/**
	 * Wait for a gate.
	 * @param gate the gate
	 * @param nanos longest wait in nanoseconds
	 * @param executor completes the future, unless it completes at once
	 * @param unavailability tells why the gate is closed
	 * @return completes with the target of the gate
	 */
	public static <T> CompletableFuture<T> enter(Gate<T> gate, long nanos, Executor executor,
			Supplier<ComponentUnavailableException> unavailability) {
		GateFuture<T> future = new GateFuture<>(executor, unavailability);
		T target = gate.enter(future, nanos);
		if (target != null) {
			future.complete(target);
		}
		return future;
	}

	@Override
	public Executor executor() {
		return this.executor;
	}

	@Override
	public void opened(T target) {
		complete(target);
	}

	@Override
	public void refused() {
		completeExceptionally(this.unavailability.get());
	}

}
