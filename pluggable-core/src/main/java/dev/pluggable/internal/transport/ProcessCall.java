package dev.pluggable.internal.transport;

import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

import dev.pluggable.internal.support.RepeatableCall;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call to one process. The server may refuse a call unseen, because it just ends the
 * connection (GOAWAY). Such a call is made again on the next connection, and the caller
 * does not notice. If there is no next connection, or the caller repeats calls itself,
 * the status of the call has a {@link RequestNotSentException} as its cause.
 *
 * @param <Q> request
 * @param <R> response
 */
final class ProcessCall<Q, R> extends RepeatableCall<Q, R> {

	/**
	 * The descriptions of gRPC for calls that the server refused unseen.
	 */
	private static final String ABOVE_LAST_STREAM = "Abrupt GOAWAY closed sent stream";

	private static final String REFUSED_STREAM = "HTTP/2 error code: REFUSED_STREAM";

	private final Channel channel;

	private final MethodDescriptor<Q, R> method;

	private final CallOptions options;

	private final Connections connections;

	private final Progress first;

	private ProcessCall(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Connections connections,
			Progress first) {
		super(channel.newCall(method, options.withStreamTracerFactory(first)), !options.getOption(REPEATED));
		this.channel = channel;
		this.method = method;
		this.options = options;
		this.connections = connections;
		this.first = first;
	}

	/**
	 * Create the interceptor that makes these calls. It must be the one next to the
	 * transport, because other interceptors may end calls themselves.
	 * @param usable tells whether the channel can make another attempt
	 * @param explanation explains the status of a failed call
	 */
	static ClientInterceptor interceptor(BooleanSupplier usable, BiFunction<Status, Metadata, Status> explanation) {
		Connections connections = new Connections(usable, explanation);
		return new ClientInterceptor() {

			@Override
			public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options,
					Channel next) {
				return new ProcessCall<>(next, method, options, connections, new Progress());
			}

		};
	}

	@Override
	protected Attempt firstAttempt() {
		return new ConnectionAttempt(this.first);
	}

	/**
	 * What calls ask their channel.
	 *
	 * @param usable tells whether the channel can make another attempt
	 * @param explanation explains the status of a failed call
	 */
	private record Connections(BooleanSupplier usable, BiFunction<Status, Metadata, Status> explanation) {

	}

	/**
	 * The progress of one attempt.
	 */
	private static final class Progress extends ClientStreamTracer.Factory {

		/**
		 * Whether the headers were written to the socket.
		 */
		private volatile boolean sent;

		/**
		 * Whether the server has answered. A status of a server proves nothing.
		 */
		private volatile boolean answered;

		@Override
		public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
			return new ClientStreamTracer() {

				@Override
				public void outboundHeaders() {
					Progress.this.sent = true;
				}

				@Override
				public void inboundHeaders(Metadata headers) {
					Progress.this.answered = true;
				}

				@Override
				public void inboundTrailers(Metadata trailers) {
					Progress.this.answered = true;
				}

			};
		}

		/**
		 * Tell whether no server has processed the call.
		 */
		boolean isUnprocessed(Status status) {
			return status.getCode() == Status.Code.UNAVAILABLE && !this.answered
					&& (!this.sent || isRefused(status.getDescription()));
		}

		private static boolean isRefused(@Nullable String description) {
			return description != null
					&& (description.startsWith(ABOVE_LAST_STREAM) || description.contains(REFUSED_STREAM));
		}

	}

	/**
	 * An attempt on the current connection.
	 */
	private final class ConnectionAttempt extends Attempt {

		private final Progress progress;

		ConnectionAttempt(Progress progress) {
			this.progress = progress;
		}

		@Override
		protected ClientCall<Q, R> newCall() {
			ProcessCall<Q, R> call = ProcessCall.this;
			return call.channel.newCall(call.method, call.options.withStreamTracerFactory(this.progress));
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			Connections connections = ProcessCall.this.connections;
			if (!this.progress.isUnprocessed(status)) {
				Status explained = status.isOk() ? status : connections.explanation().apply(status, trailers);
				listener().onClose(explained, (explained == status) ? trailers : new Metadata());
			}
			else if (!connections.usable().getAsBoolean() || !repeat(new ConnectionAttempt(new Progress()))) {
				listener().onClose(status.withCause(new RequestNotSentException(status.getCause())), trailers);
			}
		}

	}

}
