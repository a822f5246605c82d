package dev.pluggable.internal.transport;

import java.nio.channels.ClosedChannelException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

import dev.pluggable.internal.support.CallProgress;
import dev.pluggable.internal.support.RepeatableCall;
import dev.pluggable.internal.support.RequestNotSentException;
import dev.pluggable.internal.support.StatusMask;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
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

	private final CallProgress first;

	private ProcessCall(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Connections connections,
			CallProgress first) {
		super(channel.newCall(method, first.observe(options)), true);
		this.channel = channel;
		this.method = method;
		this.options = options;
		this.connections = connections;
		this.first = first;
	}

	/**
	 * Create the interceptor that makes these calls. It must be the one next to the
	 * transport, because other interceptors may end calls themselves, and must not see
	 * secrets.
	 * @param usable tells whether the channel can make another attempt
	 * @param explanation explains the status of a failed call
	 * @param secrets masks the status of a failed call
	 */
	static ClientInterceptor interceptor(BooleanSupplier usable, BiFunction<Status, Metadata, Status> explanation,
			StatusMask secrets) {
		Connections connections = new Connections(usable, explanation, secrets);
		return new ClientInterceptor() {

			@Override
			public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options,
					Channel next) {
				CallProgress progress = new CallProgress();
				return options.getOption(REPEATED)
						? new SingleAttempt<>(next.newCall(method, progress.observe(options)), connections, progress)
						: new ProcessCall<>(next, method, options, connections, progress);
			}

		};
	}

	@Override
	protected Attempt firstAttempt() {
		return new ConnectionAttempt(this.first);
	}

	/**
	 * Return the status of an attempt. If a connection ends while gRPC writes to it, the
	 * status of gRPC is {@code UNKNOWN}.
	 */
	private static Status attempted(Status status) {
		return (status.getCode() == Status.Code.UNKNOWN && status.getCause() instanceof ClosedChannelException closed)
				? Status.UNAVAILABLE.withDescription("The connection has ended").withCause(closed) : status;
	}

	/**
	 * Tell whether no server has processed an attempt. A status of a server proves
	 * nothing.
	 */
	private static boolean isUnprocessed(CallProgress progress, Status status) {
		return status.getCode() == Status.Code.UNAVAILABLE && !progress.answered()
				&& (!progress.sent() || isRefused(status.getDescription()));
	}

	private static boolean isRefused(@Nullable String description) {
		return description != null
				&& (description.startsWith(ABOVE_LAST_STREAM) || description.contains(REFUSED_STREAM));
	}

	/**
	 * What calls ask their channel.
	 *
	 * @param usable tells whether the channel can make another attempt
	 * @param explanation explains the status of a failed call
	 * @param secrets masks the status of a failed call
	 */
	private record Connections(BooleanSupplier usable, BiFunction<Status, Metadata, Status> explanation,
			StatusMask secrets) {

		void close(Listener<?> listener, Status status, Metadata trailers) {
			Status explained = status.isOk() ? status : this.explanation.apply(status, trailers);
			this.secrets.close(listener, explained, (explained == status) ? trailers : new Metadata());
		}

		void closeUnprocessed(Listener<?> listener, Status status, Metadata trailers) {
			this.secrets.close(listener, status.withCause(new RequestNotSentException(status.getCause())), trailers);
		}

	}

	/**
	 * An attempt on the current connection.
	 */
	private final class ConnectionAttempt extends Attempt {

		private final CallProgress progress;

		ConnectionAttempt(CallProgress progress) {
			this.progress = progress;
		}

		@Override
		protected ClientCall<Q, R> newCall() {
			ProcessCall<Q, R> call = ProcessCall.this;
			return call.channel.newCall(call.method, this.progress.observe(call.options));
		}

		@Override
		public void onClose(Status ended, Metadata trailers) {
			Status status = attempted(ended);
			Connections connections = ProcessCall.this.connections;
			if (!isUnprocessed(this.progress, status)) {
				connections.close(listener(), status, trailers);
			}
			else if (!connections.usable().getAsBoolean() || !repeat(new ConnectionAttempt(new CallProgress()))) {
				connections.closeUnprocessed(listener(), status, trailers);
			}
		}

	}

	/**
	 * A call that its caller repeats.
	 */
	private static final class SingleAttempt<Q, R> extends SimpleForwardingClientCall<Q, R> {

		private final Connections connections;

		private final CallProgress progress;

		SingleAttempt(ClientCall<Q, R> call, Connections connections, CallProgress progress) {
			super(call);
			this.connections = connections;
			this.progress = progress;
		}

		@Override
		public void start(Listener<R> listener, Metadata headers) {
			super.start(new SimpleForwardingClientCallListener<>(listener) {

				@Override
				public void onClose(Status ended, Metadata trailers) {
					Status status = attempted(ended);
					SingleAttempt<Q, R> call = SingleAttempt.this;
					if (isUnprocessed(call.progress, status)) {
						call.connections.closeUnprocessed(delegate(), status, trailers);
					}
					else {
						call.connections.close(delegate(), status, trailers);
					}
				}

			}, headers);
		}

	}

}
