package dev.pluggable.internal.endpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.pluggable.ComponentClient;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call to a component. The call adds the header of the component. A call that no
 * component has processed, because its connection just ended, is made again on the
 * current route, within its deadline. The caller does not notice.
 *
 * @param <Q> request
 * @param <R> response
 */
final class EndpointCall<Q, R> extends ClientCall<Q, R> {

	/**
	 * A server that refuses this many attempts refuses each of them.
	 */
	private static final int MAX_ATTEMPTS = 5;

	/**
	 * A stream that has sent more messages than this is not repeated.
	 */
	private static final int MAX_MESSAGES = 16;

	private final EndpointChannel channel;

	private final Route first;

	private final MethodDescriptor<Q, R> method;

	private final CallOptions options;

	private final Context context = Context.current();

	/**
	 * The messages that were sent, while the call can be repeated. This object guards the
	 * list and the fields below. No thread holds the lock while it calls the delegate.
	 */
	private final List<Q> messages = new ArrayList<>(1);

	private ClientCall<Q, R> delegate;

	private @Nullable Listener<R> listener;

	private Metadata headers = new Metadata();

	private int attempts = 1;

	private int requested;

	private boolean halfClosed;

	private boolean cancelled;

	/**
	 * Whether the call can still be repeated.
	 */
	private volatile boolean repeatable = true;

	/**
	 * Create a call.
	 * @param channel the channel of the component
	 * @param route the route of the first attempt
	 * @param method the method
	 * @param options the options with the deadline
	 */
	EndpointCall(EndpointChannel channel, Route route, MethodDescriptor<Q, R> method, CallOptions options) {
		this.channel = channel;
		this.first = route;
		this.method = method;
		this.options = options;
		this.delegate = route.channel().newCall(method, options);
	}

	@Override
	public void start(Listener<R> listener, Metadata headers) {
		headers.put(InstanceHeader.KEY, this.channel.component());
		ClientCall<Q, R> delegate;
		synchronized (this) {
			this.listener = listener;
			this.headers.merge(headers);
			delegate = this.delegate;
		}
		Responses responses = new Responses(listener);
		responses.route = this.first;
		delegate.start(responses, headers);
	}

	@Override
	public void request(int count) {
		ClientCall<Q, R> delegate;
		synchronized (this) {
			this.requested = (int) Math.min(Integer.MAX_VALUE, (long) this.requested + count);
			delegate = this.delegate;
		}
		delegate.request(count);
	}

	@Override
	public void sendMessage(Q message) {
		ClientCall<Q, R> delegate;
		synchronized (this) {
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
			delegate = this.delegate;
		}
		delegate.halfClose();
	}

	@Override
	public void cancel(@Nullable String message, @Nullable Throwable cause) {
		ClientCall<Q, R> delegate;
		synchronized (this) {
			this.cancelled = true;
			delegate = this.delegate;
		}
		delegate.cancel(message, cause);
	}

	@Override
	public boolean isReady() {
		return delegate().isReady();
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

	/**
	 * Record that the call cannot be repeated any more.
	 */
	private synchronized void stay() {
		this.repeatable = false;
		this.messages.clear();
	}

	/**
	 * Make the call again, if it can be repeated.
	 * @return whether the call is made again
	 */
	private boolean repeat() {
		Responses responses;
		ClientCall<Q, R> next;
		Metadata headers = new Metadata();
		synchronized (this) {
			if (!this.repeatable || this.cancelled || this.attempts >= MAX_ATTEMPTS) {
				return false;
			}
			this.attempts++;
			responses = new Responses(Objects.requireNonNull(this.listener));
			headers.merge(this.headers);
			next = newCall(responses);
			// A waiting call keeps all of this until it passes the gate.
			if (this.requested > 0) {
				next.request(this.requested);
			}
			this.messages.forEach(next::sendMessage);
			if (this.halfClosed) {
				next.halfClose();
			}
			this.delegate = next;
		}
		next.start(responses, headers);
		return true;
	}

	private ClientCall<Q, R> newCall(Responses responses) {
		long nanos = this.options.getOption(ComponentClient.NO_WAIT) ? 0 : this.channel.waitNanos();
		Context before = this.context.attach();
		try {
			return this.channel.newWaitingCall(nanos, this.method, this.options, (route) -> {
				responses.route = route;
				return route.channel().newCall(this.method, this.options);
			});
		}
		finally {
			this.context.detach(before);
		}
	}

	/**
	 * Forwards the responses of one attempt.
	 */
	private final class Responses extends Listener<R> {

		private final Listener<R> delegate;

		/**
		 * The route of the attempt, {@code null} until the attempt passes the gate.
		 */
		private volatile @Nullable Route route;

		Responses(Listener<R> delegate) {
			this.delegate = delegate;
		}

		@Override
		public void onHeaders(Metadata headers) {
			answered();
			this.delegate.onHeaders(headers);
		}

		@Override
		public void onMessage(R message) {
			answered();
			this.delegate.onMessage(message);
		}

		private void answered() {
			if (EndpointCall.this.repeatable) {
				stay();
			}
		}

		@Override
		public void onReady() {
			this.delegate.onReady();
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			Route route = this.route;
			if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
				EndpointCall.this.channel.timedOut();
			}
			else if (route != null && status.getCause() instanceof RequestNotSentException) {
				EndpointCall.this.channel.refused(route);
				if (repeat()) {
					return;
				}
			}
			this.delegate.onClose(status, trailers);
		}

	}

}
