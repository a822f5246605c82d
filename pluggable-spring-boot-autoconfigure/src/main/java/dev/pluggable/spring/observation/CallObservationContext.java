package dev.pluggable.spring.observation;

import java.util.Objects;

import dev.pluggable.observation.CallResult;
import dev.pluggable.observation.ObservedCall;
import io.grpc.Metadata;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import org.jspecify.annotations.Nullable;

/**
 * The context of the observation of one call to a component. Its carrier is the headers
 * of the request, so that a propagator passes the trace on.
 *
 * @since 0.1.0
 */
public class CallObservationContext extends SenderContext<Metadata> {

	private final ObservedCall call;

	private volatile @Nullable CallResult result;

	/**
	 * Create a context for a call that has not ended.
	 * @param call the call
	 * @param headers headers of the request
	 */
	public CallObservationContext(ObservedCall call, Metadata headers) {
		super((carrier, key, value) -> put(Objects.requireNonNull(carrier), key, value), Kind.CLIENT);
		this.call = call;
		setCarrier(headers);
		setRemoteServiceName(call.component());
	}

	private static void put(Metadata headers, String key, String value) {
		Metadata.Key<String> name = Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER);
		headers.discardAll(name);
		headers.put(name, value);
	}

	/**
	 * The call.
	 * @return the call
	 */
	public ObservedCall getCall() {
		return this.call;
	}

	/**
	 * How the call ended.
	 * @return the result, {@code null} while the call lasts
	 */
	public @Nullable CallResult getResult() {
		return this.result;
	}

	void setResult(CallResult result) {
		this.result = result;
	}

}
