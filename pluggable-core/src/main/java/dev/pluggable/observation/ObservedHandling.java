package dev.pluggable.observation;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Supplier;

import dev.pluggable.Draining;
import org.jspecify.annotations.Nullable;

/**
 * Helps the author of an {@link ObservableKind} to tell a listener of messages.
 *
 * @since 0.1.0
 */
public final class ObservedHandling {

	private ObservedHandling() {
	}

	/**
	 * Add the trace of the calling thread to the metadata of what is published. Metadata
	 * that have a trace already keep it.
	 * @param metadata the metadata
	 * @param listener knows the trace
	 * @return the metadata, the same ones if there is nothing to add
	 */
	public static Map<String, String> traced(Map<String, String> metadata, MessageListener listener) {
		return traced(metadata, listener.traceFields());
	}

	/**
	 * Add the fields of a trace to metadata, unless the metadata have a trace.
	 * @param metadata the metadata
	 * @param fields the fields
	 * @return the metadata, the same ones if there is nothing to add
	 */
	public static Map<String, String> traced(Map<String, String> metadata, Map<String, String> fields) {
		if (fields.isEmpty()) {
			return metadata;
		}
		Map<String, String> traced = new HashMap<>(metadata);
		for (Map.Entry<String, String> field : fields.entrySet()) {
			if (traced.putIfAbsent(field.getKey(), field.getValue()) != null) {
				return metadata;
			}
		}
		return traced;
	}

	/**
	 * The name of a handler.
	 * @param handler the handler
	 * @return the name, {@code null} if the handler has none
	 */
	public static @Nullable String name(Object handler) {
		return (handler instanceof NamedHandler named) ? named.handlerName() : null;
	}

	/**
	 * Run a handler within the scope of its message.
	 * @param <V> the result
	 * @param handling hears of the message
	 * @param handler the handler
	 * @return the stage of the handler
	 */
	public static <V extends @Nullable Object> CompletionStage<V> within(MessageListener.Handling handling,
			Supplier<CompletionStage<V>> handler) {
		try (MessageListener.Scope scope = handling.attempt()) {
			return handler.get();
		}
	}

	/**
	 * Run a handler that gets one attempt, and tell the outcome when the handler is done.
	 * @param <V> the result
	 * @param handling hears of the message
	 * @param timeout the time of the handler; a handler that takes longer has failed
	 * @param handler the handler
	 * @param outcomes the outcome of a value or a failure
	 * @return the stage of the handler
	 */
	public static <V extends @Nullable Object> CompletionStage<V> whole(MessageListener.Handling handling,
			Duration timeout, Supplier<CompletionStage<V>> handler,
			BiFunction<? super @Nullable V, ? super @Nullable Throwable, MessageListener.Outcome> outcomes) {
		long begun = System.nanoTime();
		CompletionStage<V> stage;
		try {
			stage = ObservedHandling.<V>within(handling, handler);
		}
		catch (RuntimeException | Error ex) {
			handling.ended(outcomes.apply(null, ex), ex);
			throw ex;
		}
		stage.whenComplete((value, failure) -> {
			if (failure == null && System.nanoTime() - begun >= timeout.toNanos()) {
				handling.ended(MessageListener.Outcome.RETRY, new TimeoutException());
				return;
			}
			Throwable cause = (failure instanceof CompletionException) ? failure.getCause() : null;
			Throwable reason = (cause != null) ? cause : failure;
			handling.ended(outcomes.apply(value, reason), reason);
		});
		return stage;
	}

	/**
	 * Drain the instance behind an observed one.
	 * @param instance the instance
	 * @param grace time for the current work
	 * @return completes when all work has ended
	 */
	public static CompletionStage<?> drain(Object instance, Duration grace) {
		return (instance instanceof Draining draining) ? draining.drain(grace)
				: CompletableFuture.completedFuture(null);
	}

}
