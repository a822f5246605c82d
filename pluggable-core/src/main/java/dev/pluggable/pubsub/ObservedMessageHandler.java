package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservedHandling;
import dev.pluggable.observation.ObservedMessage;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener of the messages of a handler. {@link MessageDelivery} takes this
 * object apart, because it knows what became of a message after all attempts. Another
 * implementation of {@code PubSub} just calls the handler: then each call counts as a
 * message.
 */
final class ObservedMessageHandler implements MessageHandler {

	private final MessageHandler handler;

	private final String component;

	private final Duration timeout;

	private final MessageListener listener;

	ObservedMessageHandler(MessageHandler handler, String component, Duration timeout, MessageListener listener) {
		this.handler = handler;
		this.component = component;
		this.timeout = timeout;
		this.listener = listener;
	}

	MessageHandler handler() {
		return this.handler;
	}

	/**
	 * Tell the listener that a message has arrived.
	 */
	MessageListener.Handling received(Message message) {
		return this.listener.received(new ObservedMessage(this.component, PubSubKind.INSTANCE.name(), message.topic(),
				ObservedHandling.name(this.handler), message.metadata(), message.data()));
	}

	@Override
	public MessageOutcome handle(Message message) throws Exception {
		MessageListener.Handling handling = received(message);
		MessageOutcome outcome = null;
		Throwable failure = null;
		try (MessageListener.Scope scope = handling.attempt()) {
			outcome = this.handler.handle(message);
			return outcome;
		}
		catch (Exception | Error ex) {
			failure = ex;
			throw ex;
		}
		finally {
			handling.ended(outcome(outcome, failure), failure);
		}
	}

	@Override
	public CompletionStage<MessageOutcome> handleAsync(Message message) {
		return ObservedHandling.whole(received(message), this.timeout, () -> this.handler.handleAsync(message),
				ObservedMessageHandler::outcome);
	}

	private static MessageListener.Outcome outcome(@Nullable MessageOutcome outcome, @Nullable Throwable failure) {
		if (failure instanceof MessageDroppedException || outcome == MessageOutcome.DROP) {
			return MessageListener.Outcome.DROP;
		}
		return (outcome == MessageOutcome.ACK) ? MessageListener.Outcome.ACK : MessageListener.Outcome.RETRY;
	}

}
