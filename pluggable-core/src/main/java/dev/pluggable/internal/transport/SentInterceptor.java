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

	private static final String TOO_LARGE = "Header size exceeded max allowed size";

	private final int maxInboundMetadataSize;

	SentInterceptor(int maxInboundMetadataSize) {
		this.maxInboundMetadataSize = maxInboundMetadataSize;
	}

	@Override
	public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
		return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {

			@Override
			public void start(Listener<R> listener, Metadata headers) {
				ClientCall<Q, R> call = delegate();
				super.start(new ForwardingClientCallListener.SimpleForwardingClientCallListener<>(listener) {

					@Override
					public void onClose(Status status, Metadata trailers) {
						super.onClose(status.isOk() ? status : marked(named(status), call), trailers);
					}

				}, headers);
			}

		};
	}

	/**
	 * Name the limit if the metadata of the answer was too large: gRPC itself names only
	 * the end of the stream.
	 */
	private Status named(Status status) {
		for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
			if (cause.getMessage() != null && cause.getMessage().startsWith(TOO_LARGE)) {
				return Status.RESOURCE_EXHAUSTED.withDescription("The answer has metadata of more than "
						+ this.maxInboundMetadataSize + " bytes, such as a long text or details of an error. "
						+ "'pluggable.transport.max-inbound-metadata-size' sets the limit");
			}
		}
		return status;
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
