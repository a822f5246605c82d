package dev.pluggable.internal.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.Context;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call to one process. The server may refuse a call unseen, because it just ends the
 * connection (GOAWAY). Such a call is made again on the next connection, and the caller
 * does not notice. If there is no next connection, the status of the call has a
 * {@link RequestNotSentException} as its cause.
 *
 * @param <Q> request
 * @param <R> response
 */
final class ProcessCall<Q, R> extends ClientCall<Q, R> {

	/**
	 * A server that refuses this many attempts refuses each of them.
	 */
	private static final int MAX_ATTEMPTS = 5;

	/**
	 * A stream that has sent more messages than this is not repeated.
	 */
	private static final int MAX_MESSAGES = 16;

	/**
	 * The descriptions of gRPC for calls that the server refused unseen.
	 */
	private static final String ABOVE_LAST_STREAM = "Abrupt GOAWAY closed sent stream";

	private static final String REFUSED_STREAM = "HTTP/2 error code: REFUSED_STREAM";

	private final Channel channel;

	private final MethodDescriptor<Q, R> method;

	private final CallOptions options;

	private final BooleanSupplier usable;

	private final UnaryOperator<Status> explanation;

	private final Context context = Context.current();

	/**
	 * The messages of the caller, while the call can be repeated. This object guards the
	 * list and the fields below. No thread holds the lock while it calls the delegate.
	 */
	private final List<Q> messages = new ArrayList<>(1);

	private ClientCall<Q, R> delegate;

	private Attempt attempt;

	private @Nullable Metadata headers;

	private int attempts;

	private int requested;

	private boolean halfClosed;

	private boolean cancelled;

	/**
	 * Whether another attempt receives what the caller has sent before. The caller's
	 * thread only records meanwhile.
	 */
	private boolean replaying;

	/**
	 * Whether the call can still be repeated.
	 */
	private volatile boolean repeatable = true;

	private ProcessCall(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, BooleanSupplier usable,
			UnaryOperator<Status> explanation) {
		this.channel = channel;
		this.method = method;
		this.options = options;
		this.usable = usable;
		this.explanation = explanation;
		this.attempt = new Attempt();
		this.delegate = newCall(this.attempt);
	}

	/**
	 * Create the interceptor that makes these calls. It must be the one next to the
	 * transport, because other interceptors may end calls themselves.
	 * @param usable tells whether the channel can make another attempt
	 * @param explanation explains the status of a failed call
	 */
	static ClientInterceptor interceptor(BooleanSupplier usable, UnaryOperator<Status> explanation) {
		return new ClientInterceptor() {

			@Override
			public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options,
					Channel next) {
				return new ProcessCall<>(next, method, options, usable, explanation);
			}

		};
	}

	private ClientCall<Q, R> newCall(Attempt attempt) {
		return this.channel.newCall(this.method, this.options.withStreamTracerFactory(attempt));
	}

	@Override
	public void start(Listener<R> listener, Metadata headers) {
		Metadata copy = new Metadata();
		copy.merge(headers);
		ClientCall<Q, R> delegate;
		Attempt attempt;
		synchronized (this) {
			this.headers = copy;
			delegate = this.delegate;
			attempt = this.attempt;
		}
		delegate.start(new Responses(listener, attempt), headers);
	}

	@Override
	public void request(int count) {
		ClientCall<Q, R> delegate;
		synchronized (this) {
			this.requested = (int) Math.min(Integer.MAX_VALUE, (long) this.requested + count);
			if (this.replaying) {
				return;
			}
			delegate = this.delegate;
		}
		delegate.request(count);
	}

	@Override
	public void sendMessage(Q message) {
		ClientCall<Q, R> delegate;
		synchronized (this) {
			if (this.replaying) {
				this.messages.add(message);
				return;
			}
			if (this.repeatable) {
				if (this.messages.size() < MAX_MESSAGES) {
					this.messages.add(message);
				}
				else {
					stay();
				}
			}
			delegate = this.delegate;
		}
		delegate.sendMessage(message);
	}

	@Override
	public void halfClose() {
		ClientCall<Q, R> delegate;
		synchronized (this) {
			this.halfClosed = true;
			if (this.replaying) {
				return;
			}
			delegate = this.delegate;
		}
		delegate.halfClose();
	}

	@Override
	public void cancel(@Nullable String message, @Nullable Throwable cause) {
		ClientCall<Q, R> delegate;
		synchronized (this) {
			this.cancelled = true;
			if (this.replaying) {
				return;
			}
			delegate = this.delegate;
		}
		delegate.cancel(message, cause);
	}

	@Override
	public synchronized boolean isReady() {
		return !this.replaying && this.delegate.isReady();
	}

	@Override
	public void setMessageCompression(boolean enabled) {
		delegate().setMessageCompression(enabled);
	}

	@Override
	public Attributes getAttributes() {
		return delegate().getAttributes();
	}

	private synchronized ClientCall<Q, R> delegate() {
		return this.delegate;
	}

	private synchronized void stay() {
		this.repeatable = false;
		if (!this.replaying) {
			this.messages.clear();
		}
	}

	/**
	 * Make another attempt, if the call can be repeated.
	 * @return whether there is another attempt
	 */
	private boolean repeat(Listener<R> listener) {
		Attempt attempt = new Attempt();
		ClientCall<Q, R> next;
		Metadata headers = new Metadata();
		synchronized (this) {
			if (!this.repeatable || this.cancelled || ++this.attempts >= MAX_ATTEMPTS) {
				return false;
			}
			headers.merge(Objects.requireNonNull(this.headers));
			this.replaying = true;
		}
		Context before = this.context.attach();
		try {
			next = newCall(attempt);
		}
		finally {
			this.context.detach(before);
		}
		synchronized (this) {
			this.attempt = attempt;
			this.delegate = next;
		}
		next.start(new Responses(listener, attempt), headers);
		replay(next);
		return true;
	}

	private void replay(ClientCall<Q, R> next) {
		int requested = 0;
		int sent = 0;
		boolean halfClosed = false;
		while (true) {
			int more;
			List<Q> messages;
			boolean last;
			synchronized (this) {
				more = this.requested - requested;
				messages = List.copyOf(this.messages.subList(sent, this.messages.size()));
				last = this.halfClosed && !halfClosed;
				if (this.cancelled) {
					this.replaying = false;
					more = -1;
				}
				else if (more == 0 && messages.isEmpty() && !last) {
					this.replaying = false;
					if (!this.repeatable || this.messages.size() > MAX_MESSAGES) {
						stay();
					}
					return;
				}
			}
			if (more < 0) {
				next.cancel("The caller cancelled the call", null);
				return;
			}
			if (more > 0) {
				next.request(more);
				requested += more;
			}
			messages.forEach(next::sendMessage);
			sent += messages.size();
			if (last) {
				next.halfClose();
				halfClosed = true;
			}
		}
	}

	/**
	 * The progress of one attempt.
	 */
	private static final class Attempt extends ClientStreamTracer.Factory {

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
					Attempt.this.sent = true;
				}

				@Override
				public void inboundHeaders(Metadata headers) {
					Attempt.this.answered = true;
				}

				@Override
				public void inboundTrailers(Metadata trailers) {
					Attempt.this.answered = true;
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
	 * Forwards the responses of one attempt.
	 */
	private final class Responses extends ForwardingClientCallListener.SimpleForwardingClientCallListener<R> {

		private final Attempt attempt;

		Responses(Listener<R> delegate, Attempt attempt) {
			super(delegate);
			this.attempt = attempt;
		}

		@Override
		public void onHeaders(Metadata headers) {
			answered();
			super.onHeaders(headers);
		}

		@Override
		public void onMessage(R message) {
			answered();
			super.onMessage(message);
		}

		private void answered() {
			if (ProcessCall.this.repeatable) {
				stay();
			}
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			if (!this.attempt.isUnprocessed(status)) {
				super.onClose(status.isOk() ? status : ProcessCall.this.explanation.apply(status), trailers);
			}
			else if (!ProcessCall.this.usable.getAsBoolean() || !repeat(delegate())) {
				super.onClose(status.withCause(new RequestNotSentException(status.getCause())), trailers);
			}
		}

	}

}
