package dev.pluggable.spring.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observation of messages and its keys.
 *
 * @since 0.1.0
 */
public enum MessageObservationDocumentation implements ObservationDocumentation {

	/**
	 * A message of a topic or an event of an input binding, from its arrival to the end
	 * of its last attempt, with the waits between attempts.
	 */
	MESSAGE {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultMessageObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return LowCardinalityKeyNames.values();
		}

		@Override
		public String getPrefix() {
			return "pluggable";
		}

	};

	/**
	 * Keys with few values.
	 */
	public enum LowCardinalityKeyNames implements KeyName {

		/**
		 * Name of the component.
		 */
		COMPONENT("component"),

		/**
		 * Topic of the message, {@code other} beyond the first hundred topics,
		 * {@code none} for an event of a binding.
		 */
		TOPIC("topic"),

		/**
		 * {@code ack}, {@code retry}, {@code drop} or {@code dead letter}.
		 */
		OUTCOME("outcome"),

		/**
		 * Class and method of the listener, such as {@code Orders.placed}, {@code none}
		 * for other handlers.
		 */
		LISTENER("listener");

		private final String key;

		LowCardinalityKeyNames(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

}
