package dev.pluggable.spring.pubsub;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.observation.NamedHandler;
import dev.pluggable.pubsub.Message;
import dev.pluggable.pubsub.MessageDroppedException;
import dev.pluggable.pubsub.MessageHandler;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.spring.listener.AsyncResults;
import dev.pluggable.spring.listener.InvalidPayloadException;
import dev.pluggable.spring.listener.ListenerEndpoint;
import dev.pluggable.spring.listener.PayloadConverter;
import dev.pluggable.spring.listener.ReceivedMessages;
import org.jspecify.annotations.Nullable;

import org.springframework.util.MimeType;

/**
 * Calls a listener method with messages, and derives the outcome from the result of the
 * method.
 */
final class TopicMessageHandler implements MessageHandler, NamedHandler {

	private static final MimeType CLOUD_EVENTS = MimeType.valueOf(CloudEvent.CONTENT_TYPE);

	private final ListenerEndpoint endpoint;

	private final @Nullable CloudEventFormat format;

	private final List<Class<? extends Throwable>> dropOn;

	/**
	 * Create a handler.
	 * @param endpoint the listener method
	 * @param format reads CloudEvents, {@code null} to pass on whole CloudEvents
	 * @param dropOn exceptions after which a message is dropped
	 */
	TopicMessageHandler(ListenerEndpoint endpoint, @Nullable CloudEventFormat format,
			List<Class<? extends Throwable>> dropOn) {
		this.endpoint = endpoint;
		this.format = format;
		this.dropOn = dropOn;
	}

	@Override
	public String handlerName() {
		return this.endpoint.name();
	}

	@Override
	public MessageOutcome handle(Message message) throws Exception {
		return AsyncResults.await(handleAsync(message));
	}

	@Override
	public CompletionStage<MessageOutcome> handleAsync(Message message) {
		Object result;
		try {
			@Nullable Object[] arguments;
			try {
				arguments = this.endpoint.arguments(message, springMessage(message));
			}
			catch (InvalidPayloadException ex) {
				return dropped(new MessageDroppedException(text(String.valueOf(ex.getMessage()))));
			}
			result = this.endpoint.call(arguments);
		}
		catch (Throwable ex) {
			if (ex instanceof InterruptedException) {
				Thread.currentThread().interrupt();
			}
			return failed(ex);
		}
		if (result instanceof CompletionStage<?> stage) {
			return AsyncResults.follow(stage, (value, failure) -> (failure != null) ? failed(failure) : outcome(value));
		}
		return outcome(result);
	}

	private static CompletionStage<MessageOutcome> outcome(@Nullable Object result) {
		return CompletableFuture
			.completedFuture((result instanceof MessageOutcome outcome) ? outcome : MessageOutcome.ACK);
	}

	private CompletionStage<MessageOutcome> failed(Throwable failure) {
		if (this.dropOn.stream().anyMatch((type) -> type.isInstance(failure))) {
			return dropped(
					new MessageDroppedException(text("the method threw " + failure.getClass().getName()), failure));
		}
		return CompletableFuture.failedFuture(failure);
	}

	private String text(String reason) {
		return this.endpoint.name() + ": " + reason;
	}

	private static CompletionStage<MessageOutcome> dropped(MessageDroppedException exception) {
		return CompletableFuture.failedFuture(exception);
	}

	private org.springframework.messaging.Message<byte[]> springMessage(Message message) {
		Map<String, Object> headers = ReceivedMessages.headers(message.metadata());
		headers.put(PubSubHeaders.MESSAGE_ID, message.id());
		headers.put(PubSubHeaders.TOPIC, message.topic());
		headers.put(PubSubHeaders.METADATA, message.metadata());
		CloudEvent event = unwrap(message);
		if (event == null) {
			return ReceivedMessages.of(message.data(), message.contentType(), headers);
		}
		event.attributes().forEach((name, value) -> headers.put(PubSubHeaders.CLOUD_EVENT_PREFIX + name, value));
		return ReceivedMessages.of(event.data(), event.contentType(), headers);
	}

	private @Nullable CloudEvent unwrap(Message message) {
		if (this.format == null
				|| "true".equalsIgnoreCase(message.metadata().get(TopicListenerProcessor.RAW_PAYLOAD))) {
			return null;
		}
		CloudEvent event = this.format.read(message.data());
		if (event == null && isCloudEvent(PayloadConverter.parse(message.contentType()))) {
			throw new InvalidPayloadException(
					"the payload is not a CloudEvent, although the content type is " + CloudEvent.CONTENT_TYPE);
		}
		return event;
	}

	private static boolean isCloudEvent(@Nullable MimeType type) {
		return type != null && type.equalsTypeAndSubtype(CLOUD_EVENTS);
	}

}
