package dev.pluggable.spring.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;

/**
 * The meters of subscriptions and their keys.
 *
 * @since 0.1.0
 */
public enum SubscriptionMeterDocumentation implements MeterDocumentation {

	/**
	 * Messages or events that are being handled.
	 */
	BUSY("pluggable.subscription.handlers.busy", Meter.Type.GAUGE),

	/**
	 * Further messages or events that could be handled at the same time.
	 */
	WAITING("pluggable.subscription.handlers.waiting", Meter.Type.GAUGE),

	/**
	 * How often streams of messages or events were opened.
	 */
	OPENINGS("pluggable.subscription.openings", Meter.Type.COUNTER);

	private final String name;

	private final Meter.Type type;

	SubscriptionMeterDocumentation(String name, Meter.Type type) {
		this.name = name;
		this.type = type;
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	public Meter.Type getType() {
		return this.type;
	}

	@Override
	public KeyName[] getKeyNames() {
		return KeyNames.values();
	}

	/**
	 * Keys with few values.
	 */
	public enum KeyNames implements KeyName {

		/**
		 * Name of the component.
		 */
		COMPONENT("component"),

		/**
		 * Topic of the subscription, {@code other} beyond the first hundred topics,
		 * {@code none} for an input binding.
		 */
		TOPIC("topic");

		private final String key;

		KeyNames(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

}
