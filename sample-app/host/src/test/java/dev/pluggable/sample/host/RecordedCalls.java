package dev.pluggable.sample.host;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.endpoint.ComponentChannelCustomizer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;

/**
 * Records all requests that a host sends to components.
 */
final class RecordedCalls implements ComponentChannelCustomizer, ClientInterceptor {

	private final List<Object> requests = new CopyOnWriteArrayList<>();

	@Override
	public void customize(String endpoint, ManagedChannelBuilder<?> builder) {
		builder.intercept(this);
	}

	@Override
	public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
		return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {

			@Override
			public void sendMessage(Q message) {
				RecordedCalls.this.requests.add(message);
				super.sendMessage(message);
			}

		};
	}

	/**
	 * Return the requests of one type so far.
	 */
	<T> List<T> of(Class<T> type) {
		return this.requests.stream().filter(type::isInstance).map(type::cast).toList();
	}

}
