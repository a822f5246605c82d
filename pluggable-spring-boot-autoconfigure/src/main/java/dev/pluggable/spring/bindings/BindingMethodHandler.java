package dev.pluggable.spring.bindings;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.BindingHandler;
import dev.pluggable.observation.NamedHandler;
import dev.pluggable.spring.listener.AsyncResults;
import dev.pluggable.spring.listener.ListenerEndpoint;
import dev.pluggable.spring.listener.PayloadConverter;
import dev.pluggable.spring.listener.ReceivedMessages;
import org.jspecify.annotations.Nullable;

/**
 * Calls a listener method with events, and converts the result of the method to the
 * answer.
 */
final class BindingMethodHandler implements BindingHandler, NamedHandler {

	private final ListenerEndpoint endpoint;

	private final PayloadConverter converter;

	BindingMethodHandler(ListenerEndpoint endpoint, PayloadConverter converter) {
		this.endpoint = endpoint;
		this.converter = converter;
	}

	@Override
	public String handlerName() {
		return this.endpoint.name();
	}

	@Override
	public byte @Nullable [] handle(BindingEvent event) throws Exception {
		return AsyncResults.<byte @Nullable []>await(handleAsync(event));
	}

	@Override
	public CompletionStage<byte @Nullable []> handleAsync(BindingEvent event) {
		try {
			Object result = this.endpoint.call(this.endpoint.arguments(event, springMessage(event)));
			if (result instanceof CompletionStage<?> stage) {
				return AsyncResults.<byte @Nullable []>follow(stage, this::answered);
			}
			return CompletableFuture.completedFuture(answer(result));
		}
		catch (Throwable ex) {
			if (ex instanceof InterruptedException) {
				Thread.currentThread().interrupt();
			}
			return CompletableFuture.failedFuture(ex);
		}
	}

	private CompletionStage<byte @Nullable []> answered(@Nullable Object value, @Nullable Throwable failure) {
		CompletableFuture<byte @Nullable []> answered = new CompletableFuture<>();
		if (failure != null) {
			answered.completeExceptionally(failure);
		}
		else {
			answered.complete(answer(value));
		}
		return answered;
	}

	private byte @Nullable [] answer(@Nullable Object result) {
		return (result != null) ? this.converter.write(result, null).data() : null;
	}

	private static org.springframework.messaging.Message<byte[]> springMessage(BindingEvent event) {
		Map<String, Object> headers = ReceivedMessages.headers(event.metadata());
		headers.put(BindingHeaders.EVENT_ID, event.id());
		headers.put(BindingHeaders.METADATA, event.metadata());
		return ReceivedMessages.of(event.data(), event.contentType(), headers);
	}

}
