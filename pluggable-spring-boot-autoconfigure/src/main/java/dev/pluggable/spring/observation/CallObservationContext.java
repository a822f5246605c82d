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

	private static final int MAX_VALUE = 4096;

	private final ObservedCall call;

	private final String component;

	private final String operation;

	private volatile @Nullable CallResult result;

	/**
	 * Create a context for a call that has not ended.
	 * @param call the call
	 * @param headers headers of the request
	 */
	public CallObservationContext(ObservedCall call, Metadata headers) {
		this(call, headers, call.component(), call.operation());
	}

	CallObservationContext(ObservedCall call, Metadata headers, String component, String operation) {
		super((carrier, key, value) -> put(Objects.requireNonNull(carrier), key, value), Kind.CLIENT);
		this.call = call;
		this.component = component;
		this.operation = operation;
		setCarrier(headers);
		setRemoteServiceName(component);
	}

	/**
	 * Add a header. A header that is there stays: the call may belong to a trace that
	 * somebody else continues, such as a call that one plugin makes to another one. A
	 * name that gRPC does not allow and a long value are left out, because a trace is
	 * worth less than the call: baggage comes from publishers of messages, too, and many
	 * servers refuse calls with more than 8 KB of headers.
	 */
	private static void put(Metadata headers, String key, String value) {
		if (value.length() > MAX_VALUE) {
			return;
		}
		Metadata.Key<String> name;
		try {
			name = Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER);
		}
		catch (IllegalArgumentException ex) {
			return;
		}
		if (!headers.containsKey(name)) {
			headers.put(name, value);
		}
	}

	/**
	 * The call.
	 * @return the call
	 */
	public ObservedCall getCall() {
		return this.call;
	}

	/**
	 * The name of the component as the value of a key.
	 * @return the name, {@code other} beyond the first thousand names
	 */
	public String getComponent() {
		return this.component;
	}

	/**
	 * The name of the operation as the value of a key.
	 * @return the name, {@code other} beyond the first thousand names
	 */
	public String getOperation() {
		return this.operation;
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
