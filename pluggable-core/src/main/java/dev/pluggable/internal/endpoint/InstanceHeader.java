package dev.pluggable.internal.endpoint;

import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall;
import io.grpc.Metadata;

/**
 * The header that names the component of a call. Dapr's host sends the header with each
 * call, because one server may hold several instances.
 */
final class InstanceHeader {

	static final Metadata.Key<String> KEY = Metadata.Key.of("x-component-instance", Metadata.ASCII_STRING_MARSHALLER);

	private InstanceHeader() {
	}

	static <Q, R> ClientCall<Q, R> add(ClientCall<Q, R> call, String component) {
		return new ForwardingClientCall.SimpleForwardingClientCall<>(call) {

			@Override
			public void start(Listener<R> listener, Metadata headers) {
				headers.put(KEY, component);
				super.start(listener, headers);
			}

		};
	}

}
