package dev.pluggable.spring.observation;

import dev.pluggable.observation.CallListener;
import dev.pluggable.observation.CallResult;
import dev.pluggable.observation.ObservedCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes calls to components with Micrometer. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class ObservationCallListener implements CallListener {

	private static final CallObservationConvention DEFAULT = new DefaultCallObservationConvention();

	private static final End NOBODY = (result, status) -> {
	};

	/**
	 * Plugins choose the names of the methods that they call on each other, and the
	 * application chooses names of objects.
	 */
	private static final int MAX_NAMES = 1000;

	private final BoundedValues components = new BoundedValues(MAX_NAMES);

	private final BoundedValues operations = new BoundedValues(MAX_NAMES);

	private final ObservationRegistry registry;

	private final @Nullable CallObservationConvention convention;

	/**
	 * Create a listener.
	 * @param registry registry of the observations
	 * @param convention names and keys, {@code null} for the default ones
	 */
	public ObservationCallListener(ObservationRegistry registry, @Nullable CallObservationConvention convention) {
		this.registry = registry;
		this.convention = convention;
	}

	@Override
	public End started(ObservedCall call, Metadata headers) {
		Observation observation = CallObservationDocumentation.CALL.observation(
				this.convention, DEFAULT, () -> new CallObservationContext(call, headers,
						this.components.value(call.component()), this.operations.value(call.operation())),
				this.registry);
		if (observation.isNoop()) {
			return NOBODY;
		}
		observation.start();
		return (result, status) -> end(observation, result, status);
	}

	private static void end(Observation observation, CallResult result, Status status) {
		((CallObservationContext) observation.getContext()).setResult(result);
		if (!status.isOk()) {
			// The text of the status may contain a secret.
			observation.error(new FailedCallException(status.getCode()));
		}
		observation.stop();
	}

}
