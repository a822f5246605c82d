package dev.pluggable.spring.observation;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservedMessage;
import dev.pluggable.observation.ObservedSubscription;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes messages with Micrometer. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class ObservationMessageListener implements MessageListener {

	private static final MessageObservationConvention DEFAULT = new DefaultMessageObservationConvention();

	private static final Scope NO_SCOPE = () -> {
	};

	private static final Handling NOBODY = new Handling() {

		@Override
		public Scope attempt() {
			return NO_SCOPE;
		}

		@Override
		public void ended(Outcome outcome, @Nullable Throwable failure) {
		}

	};

	private final ObservationRegistry registry;

	private final @Nullable MessageObservationConvention convention;

	private final Supplier<Map<String, String>> traceFields;

	private final Function<byte[], Map<String, String>> attributes;

	private final Consumer<ObservedSubscription> subscriptions;

	private final BoundedValues topics = new BoundedValues(OpenSubscriptions.MAX_TOPICS);

	/**
	 * Create a listener.
	 * @param registry registry of the observations
	 * @param convention names and keys, {@code null} for the default ones
	 * @param traceFields returns the trace of the calling thread
	 * @param attributes reads the attributes of a CloudEvent; an empty map if the payload
	 * is no CloudEvent
	 * @param subscriptions receives the subscriptions
	 */
	public ObservationMessageListener(ObservationRegistry registry, @Nullable MessageObservationConvention convention,
			Supplier<Map<String, String>> traceFields, Function<byte[], Map<String, String>> attributes,
			Consumer<ObservedSubscription> subscriptions) {
		this.registry = registry;
		this.convention = convention;
		this.traceFields = traceFields;
		this.attributes = attributes;
		this.subscriptions = subscriptions;
	}

	@Override
	public Handling received(ObservedMessage message) {
		Observation observation = MessageObservationDocumentation.MESSAGE.observation(this.convention, DEFAULT,
				() -> new MessageObservationContext(message, this.topics.value(message.topic()), this.attributes),
				this.registry);
		return observation.isNoop() ? NOBODY : new ObservedHandling(observation.start());
	}

	@Override
	public Map<String, String> traceFields() {
		return this.traceFields.get();
	}

	@Override
	public void subscribed(ObservedSubscription subscription) {
		this.subscriptions.accept(subscription);
	}

	/**
	 * The observation of one message.
	 */
	private record ObservedHandling(Observation observation) implements Handling {

		@Override
		public Scope attempt() {
			return this.observation.openScope()::close;
		}

		@Override
		public void ended(Outcome outcome, @Nullable Throwable failure) {
			((MessageObservationContext) this.observation.getContext()).setOutcome(outcome);
			if (failure != null) {
				this.observation.error(new FailedMessageException(failure.getClass()));
			}
			this.observation.stop();
		}

	}

}
