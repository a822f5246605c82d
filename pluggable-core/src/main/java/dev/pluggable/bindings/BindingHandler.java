package dev.pluggable.bindings;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * Handles the events of an input binding. Called by as many threads at a time as the
 * reading allows.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface BindingHandler {

	/**
	 * Handle an event on the calling thread, which is interrupted when the time for it is
	 * over.
	 * @param event the event
	 * @return the answer to the component, {@code null} for an empty one
	 * @throws Exception if the event could not be handled; the component is told
	 */
	byte @Nullable [] handle(BindingEvent event) throws Exception;

	/**
	 * Begin to handle an event. This is what components call. It can block: if it is not
	 * implemented, until the event is handled; in a served component, while the other
	 * process takes no more events.
	 * @param event the event
	 * @return completes with the answer to the component, {@code null} for an empty one,
	 * or with an exception; it is cancelled when the time for it is over
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
