package dev.pluggable.spring.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observation of calls to components and its keys.
 *
 * @since 0.1.0
 */
public enum CallObservationDocumentation implements ObservationDocumentation {

	/**
	 * A call to a component, from the moment at which the application makes the call to
	 * the end, with the wait at the gate.
	 */
	CALL {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultCallObservationConvention.class;
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
		 * Name of the component, {@code other} beyond the first thousand names.
		 */
		COMPONENT("component"),

		/**
		 * Name of the component's kind.
		 */
		KIND("kind"),

		/**
		 * Name of the gRPC method without its service, {@code other} beyond the first
		 * thousand names.
		 */
		OPERATION("operation"),

		/**
		 * Name of the endpoint, which is the name of the plugin for a launched process.
		 */
		ENDPOINT("endpoint"),

		/**
		 * {@code ok}, {@code unavailable}, {@code timeout}, {@code rejected} or
		 * {@code failed}.
		 */
		OUTCOME("outcome"),

		/**
		 * Code of the gRPC status.
		 */
		STATUS_CODE("status.code"),

		/**
		 * {@code false} if the component certainly has not processed the request.
		 */
		MAY_HAVE_BEEN_APPLIED("may.have.been.applied"),

		/**
		 * Whether the call waited for the component to become ready.
		 */
		WAITED_AT_GATE("waited.at.gate");

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
