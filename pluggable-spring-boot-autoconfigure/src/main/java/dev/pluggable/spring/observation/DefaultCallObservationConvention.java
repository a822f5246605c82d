package dev.pluggable.spring.observation;

import java.util.Locale;

import dev.pluggable.observation.CallResult;
import dev.pluggable.observation.ObservedCall;
import dev.pluggable.spring.observation.CallObservationDocumentation.LowCardinalityKeyNames;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * The convention unless the application has another one: the observation is
 * {@code pluggable.call}, and the span is named by component and operation, such as
 * {@code orders Get}.
 *
 * @since 0.1.0
 */
public class DefaultCallObservationConvention implements CallObservationConvention {

	private static final String UNKNOWN = "UNKNOWN";

	@Override
	public String getName() {
		return "pluggable.call";
	}

	@Override
	public String getContextualName(CallObservationContext context) {
		return context.getComponent() + " " + context.getOperation();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(CallObservationContext context) {
		ObservedCall call = context.getCall();
		CallResult result = context.getResult();
		return KeyValues.of(LowCardinalityKeyNames.COMPONENT.withValue(context.getComponent()),
				LowCardinalityKeyNames.KIND.withValue(call.kind()),
				LowCardinalityKeyNames.OPERATION.withValue(context.getOperation()),
				LowCardinalityKeyNames.ENDPOINT.withValue(call.endpoint()),
				LowCardinalityKeyNames.OUTCOME
					.withValue((result != null) ? result.outcome().name().toLowerCase(Locale.ROOT) : UNKNOWN),
				LowCardinalityKeyNames.STATUS_CODE.withValue((result != null) ? result.code().name() : UNKNOWN),
				flag(LowCardinalityKeyNames.MAY_HAVE_BEEN_APPLIED, result,
						(result != null) && result.mayHaveBeenApplied()),
				flag(LowCardinalityKeyNames.WAITED_AT_GATE, result, (result != null) && result.waitedAtGate()));
	}

	private static KeyValue flag(LowCardinalityKeyNames key, @Nullable CallResult result, boolean value) {
		return key.withValue((result != null) ? Boolean.toString(value) : UNKNOWN);
	}

}
