package dev.pluggable.spring.observation;

import dev.pluggable.spring.observation.SubscriptionMeterDocumentation.KeyNames;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Meters of the subscriptions to topics and of the readings of input bindings.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class SubscriptionMeters implements MeterBinder {

	private final OpenSubscriptions subscriptions;

	/**
	 * Create the meters.
	 * @param subscriptions the subscriptions
	 */
	public SubscriptionMeters(OpenSubscriptions subscriptions) {
		this.subscriptions = subscriptions;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.subscriptions.onGroup((key, group) -> {
			Tags tags = Tags.of(KeyNames.COMPONENT.asString(), key.component(), KeyNames.TOPIC.asString(), key.topic());
			Gauge.builder(SubscriptionMeterDocumentation.BUSY.getName(), group, OpenSubscriptions.Group::busy)
				.description("Messages that are being handled")
				.tags(tags)
				.register(registry);
			Gauge.builder(SubscriptionMeterDocumentation.WAITING.getName(), group, OpenSubscriptions.Group::waiting)
				.description("Further messages that could be handled at the same time")
				.tags(tags)
				.register(registry);
			FunctionCounter
				.builder(SubscriptionMeterDocumentation.OPENINGS.getName(), group, OpenSubscriptions.Group::openings)
				.description("How often streams of messages were opened")
				.tags(tags)
				.register(registry);
		});
	}

}
