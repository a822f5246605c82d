package dev.pluggable.spring.observation;

import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservedMessage;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import org.jspecify.annotations.Nullable;

/**
 * The context of the observation of one message or of one event of an input binding. Its
 * carrier is the fields of the message, so that the span is a child of the publisher's.
 *
 * @since 0.1.0
 */
public class MessageObservationContext extends ReceiverContext<MessageFields> {

	private final ObservedMessage message;

	private final String topic;

	private volatile MessageListener.@Nullable Outcome outcome;

	/**
	 * Create a context for a message that has arrived.
	 * @param message the message
	 * @param topic the topic as a value of a key, one of few
	 * @param attributes reads the attributes of a CloudEvent; an empty map if the payload
	 * is no CloudEvent
	 */
	public MessageObservationContext(ObservedMessage message, String topic,
			Function<byte[], Map<String, String>> attributes) {
		super((fields, name) -> Objects.requireNonNull(fields).get(name), Kind.CONSUMER);
		this.message = message;
		this.topic = topic;
		setCarrier(new MessageFields(message, attributes));
		setRemoteServiceName(message.component());
	}

	/**
	 * The message.
	 * @return the message
	 */
	public ObservedMessage getMessage() {
		return this.message;
	}

	/**
	 * The topic as a value of a key.
	 * @return the topic, {@code other} if the application handles messages of many
	 * topics, {@code none} for an event of a binding
	 */
	public String getTopic() {
		return this.topic;
	}

	/**
	 * What became of the message.
	 * @return the outcome, {@code null} while the message is being handled
	 */
	public MessageListener.@Nullable Outcome getOutcome() {
		return this.outcome;
	}

	void setOutcome(MessageListener.Outcome outcome) {
		this.outcome = outcome;
	}

}
