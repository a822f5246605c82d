package dev.pluggable.bindings;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * Handles the events of an input binding. As many threads call it at the same time as the
 * reading allows.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface BindingHandler {

	/**
	 * Handle an event on the calling thread, which is interrupted at the timeout of the
	 * reading.
	 * @param event the event
	 * @return the answer to the component, {@code null} for an empty one
	 * @throws Exception if the event was not handled, which the component learns
	 */
	byte @Nullable [] handle(BindingEvent event) throws Exception;

	/**
	 * Begin to handle an event. Components call this method. It may block: unless
	 * overridden, it handles the event before it returns; in a served component, it waits
	 * until the other process takes the event.
	 * @param event the event
	 * @return completes with the answer to the component, which may be {@code null} for
	 * an empty one, or with an exception; cancelled at the timeout of the reading
	 */
	default CompletionStage<byte @Nullable []> handleAsync(BindingEvent event) {
		try {
			return CompletableFuture.completedFuture(handle(event));
		}
		catch (Exception ex) {
			if (ex instanceof InterruptedException) {
				Thread.currentThread().interrupt();
			}
			return CompletableFuture.failedFuture(ex);
		}
	}

}
