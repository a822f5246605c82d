package dev.pluggable.kind;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import dev.pluggable.internal.support.RepeatableCall;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * The channel to a component for generated stubs. Each call starts with the limits of the
 * component. The status of a failed call has as its cause the exception that a proxy
 * would throw. A call that cannot pass the gate ends with a status, too.
 */
final class StubChannel extends Channel {

	private final ComponentClient client;

	private final Channel channel;

	private final CallOptions limits;

	private final Translator translator;

	StubChannel(ComponentClient client, CallOptions limits, Translator translator) {
		this.client = client;
		this.channel = client.channel();
		this.limits = limits;
		this.translator = translator;
	}

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		try {
			return new TranslatingCall<>(this.channel.newCall(method, limited(options)), method);
		}
		catch (ComponentUnavailableException ex) {
			Executor executor = options.getExecutor();
			return new RefusedCall<>(ex, (executor != null) ? executor : this.client.executor());
		}
	}

	private CallOptions limited(CallOptions options) {
		CallOptions limited = options.withOption(RepeatableCall.REPEATED,
				this.limits.getOption(RepeatableCall.REPEATED));
		Integer size = this.limits.getMaxInboundMessageSize();
		return (size != null && options.getMaxInboundMessageSize() == null) ? limited.withMaxInboundMessageSize(size)
				: limited;
	}

	private Status explained(MethodDescriptor<?, ?> method, Status status, Metadata trailers) {
		PluggableException cause = this.translator.translate(method, status, trailers);
		String description = status.getDescription();
		if (cause instanceof ComponentUnavailableException || cause instanceof ComponentTimeoutException) {
			// The component has said nothing.
			description = cause.getMessage();
		}
		else if (description != null) {
			description = this.client.withoutSecrets(description);
		}
		return status.withDescription(description).withCause(cause);
	}

	@Override
	public String authority() {
		return this.channel.authority();
	}

	@Override
	public String toString() {
		return "channel to " + this.client.kind() + " component '" + this.client.component() + "'";
	}

	/**
	 * Finds the exception that belongs to a failed call.
	 */
	@FunctionalInterface
	interface Translator {

		PluggableException translate(MethodDescriptor<?, ?> method, Status status, Metadata trailers);

	}

	/**
	 * A call whose status gets a cause if the call fails.
	 */
	private final class TranslatingCall<Q, R> extends ForwardingClientCall.SimpleForwardingClientCall<Q, R> {

		private final MethodDescriptor<Q, R> method;

		TranslatingCall(ClientCall<Q, R> call, MethodDescriptor<Q, R> method) {
			super(call);
			this.method = method;
		}

		@Override
		public void start(Listener<R> listener, Metadata headers) {
			super.start(new ForwardingClientCallListener.SimpleForwardingClientCallListener<R>(listener) {

				@Override
				public void onClose(Status status, Metadata trailers) {
					super.onClose(status.isOk() ? status : explained(TranslatingCall.this.method, status, trailers),
							trailers);
				}

			}, headers);
		}

	}

	/**
	 * A call that found the gate closed and must not wait.
	 */
	private static final class RefusedCall<Q, R> extends ClientCall<Q, R> {

		private final ComponentUnavailableException reason;

		private final Executor executor;

		RefusedCall(ComponentUnavailableException reason, Executor executor) {
			this.reason = reason;
			this.executor = executor;
		}

		@Override
		public void start(Listener<R> listener, Metadata headers) {
			Status status = Status.UNAVAILABLE.withDescription(this.reason.getMessage()).withCause(this.reason);
			Runnable end = Context.current().wrap(() -> listener.onClose(status, new Metadata()));
			try {
				this.executor.execute(end);
			}
			catch (RejectedExecutionException ex) {
				// The host has closed.
				end.run();
			}
		}

		@Override
		public void request(int count) {
		}

		@Override
		public void cancel(@Nullable String message, @Nullable Throwable cause) {
		}

		@Override
		public void halfClose() {
		}

		@Override
		public void sendMessage(Q message) {
		}

	}

}
