package dev.pluggable.spring.observation;

import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservedMessage;
import dev.pluggable.spring.observation.MessageObservationDocumentation.LowCardinalityKeyNames;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * The convention unless the application has another one: the observation is
 * {@code pluggable.message}, and the span is named by component and topic, such as
 * {@code events orders}.
 *
 * @since 0.1.0
 */
public class DefaultMessageObservationConvention implements MessageObservationConvention {

	private static final String UNKNOWN = "UNKNOWN";

	@Override
	public String getName() {
		return "pluggable.message";
	}

	@Override
	public String getContextualName(MessageObservationContext context) {
		ObservedMessage message = context.getMessage();
		return message.component() + " " + ((message.topic() != null) ? context.getTopic() : "event");
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(MessageObservationContext context) {
		ObservedMessage message = context.getMessage();
		String listener = message.listener();
		return KeyValues.of(LowCardinalityKeyNames.COMPONENT.withValue(message.component()),
				LowCardinalityKeyNames.TOPIC.withValue(context.getTopic()),
				LowCardinalityKeyNames.OUTCOME.withValue(outcome(context.getOutcome())),
				LowCardinalityKeyNames.LISTENER.withValue((listener != null) ? listener : KeyValue.NONE_VALUE));
	}

	private static String outcome(MessageListener.@Nullable Outcome outcome) {
		if (outcome == null) {
			return UNKNOWN;
		}
		return switch (outcome) {
			case ACK -> "ack";
			case RETRY -> "retry";
			case DROP -> "drop";
			case DEAD_LETTER -> "dead letter";
		};
	}

}
