package dev.pluggable.internal.transport;

import dev.pluggable.endpoint.ComponentChannelCustomizer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Tells other interceptors where a call goes. Add this interceptor last, so that it comes
 * before the others.
 */
public final class CallNames implements ClientInterceptor {

	private final String endpoint;

	private final @Nullable String connection;

	/**
	 * Create an interceptor for one channel.
	 * @param endpoint name of the endpoint
	 * @param connection purpose of a brokered connection, {@code null} for the main one
	 */
	public CallNames(String endpoint, @Nullable String connection) {
		this.endpoint = endpoint;
		this.connection = connection;
	}

	@Override
	public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
		// The options of components have the name already.
		CallOptions named = this.endpoint.equals(options.getOption(ComponentChannelCustomizer.ENDPOINT)) ? options
				: options.withOption(ComponentChannelCustomizer.ENDPOINT, this.endpoint);
		if (this.connection != null) {
			named = named.withOption(ComponentChannelCustomizer.CONNECTION, this.connection);
		}
		return next.newCall(method, named);
	}

}
