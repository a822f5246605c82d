package dev.pluggable.internal.transport;

import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * Marks the failures of calls that never left this process. This interceptor must be the
 * one next to the transport: other interceptors may end calls themselves, or hide the
 * attributes of the transport.
 */
final class SentInterceptor implements ClientInterceptor {

	@Override
	public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
		return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {

			@Override
			public void start(Listener<R> listener, Metadata headers) {
				ClientCall<Q, R> call = delegate();
				super.start(new ForwardingClientCallListener.SimpleForwardingClientCallListener<>(listener) {

					@Override
					public void onClose(Status status, Metadata trailers) {
						super.onClose(status.isOk() ? status : marked(status, call), trailers);
					}

				}, headers);
			}

		};
	}

	/**
	 * Mark the status if the call has sent nothing. A call that never had a transport has
	 * sent nothing.
	 */
	private static Status marked(Status status, ClientCall<?, ?> call) {
		boolean notSent = status.getCode() == Status.Code.UNAVAILABLE
				&& call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) == null;
		return notSent ? status.withCause(new RequestNotSentException(status.getCause())) : status;
	}

}
