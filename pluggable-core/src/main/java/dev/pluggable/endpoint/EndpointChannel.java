package dev.pluggable.endpoint;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.RequestNotSentException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * The gate in front of a component: leads to the generation on which the component is
 * initialised, and to none while there is no such generation.
 */
final class EndpointChannel extends Channel implements ComponentClient {

	private final String component;

	private final String kind;

	private final long callTimeoutNanos;

	private final long waitForReadyNanos;

	private final CallOptions callOptions;

	private final Supplier<String> unavailability;

	private final Runnable timeoutHint;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition opened = this.lock.newCondition();

	private volatile @Nullable Route route;

	private volatile long lastGeneration;

	/**
	 * A closed gate.
	 * @param component name of the component
	 * @param kind name of its kind
	 * @param settings its limits
	 * @param unavailability says why the gate is closed
	 * @param timeoutHint called when a call passed its deadline
	 */
	EndpointChannel(String component, String kind, ComponentSettings settings, Supplier<String> unavailability,
			Runnable timeoutHint) {
		this.component = component;
		this.kind = kind;
		this.callTimeoutNanos = settings.callTimeout().toNanos();
		this.waitForReadyNanos = settings.waitForReady().toNanos();
		this.callOptions = CallOptions.DEFAULT.withMaxInboundMessageSize(settings.maxInboundMessageSize());
		this.unavailability = unavailability;
		this.timeoutHint = timeoutHint;
	}

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		Route route = this.route;
		if (route == null) {
			route = awaitRoute(method.getBareMethodName());
		}
		CallOptions limited = options;
		if (method.getType() == MethodDescriptor.MethodType.UNARY && options.getDeadline() == null) {
			limited = options.withDeadlineAfter(this.callTimeoutNanos, TimeUnit.NANOSECONDS);
		}
		return new EndpointCall<>(route, route.channel().newCall(method, limited));
	}

	private Route awaitRoute(@Nullable String operation) {
		if (this.waitForReadyNanos > 0) {
			Route route = awaitOpened();
			if (route != null) {
				return route;
			}
		}
		throw new ComponentUnavailableException(this.component, this.kind, operation, this.unavailability.get());
	}

	private @Nullable Route awaitOpened() {
		long remaining = this.waitForReadyNanos;
		this.lock.lock();
		try {
			while (this.route == null && remaining > 0) {
				remaining = this.opened.awaitNanos(remaining);
			}
			return this.route;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
		finally {
			this.lock.unlock();
		}
	}

	void open(Route route) {
		this.lock.lock();
		try {
			this.lastGeneration = route.generation().number();
			this.route = route;
			this.opened.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Close the gate if it leads to a route.
	 */
	void close(@Nullable Route expected) {
		this.lock.lock();
		try {
			if (this.route == expected) {
				this.route = null;
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	@Nullable Route route() {
		return this.route;
	}

	@Override
	public String authority() {
		return this.component;
	}

	@Override
	public String component() {
		return this.component;
	}

	@Override
	public String kind() {
		return this.kind;
	}

	@Override
	public Channel channel() {
		return this;
	}

	@Override
	public CallOptions callOptions() {
		return this.callOptions;
	}

	@Override
	public Set<String> features() {
		Route route = this.route;
		return ((route != null) ? route : awaitRoute(null)).features();
	}

	@Override
	public long generation() {
		return this.lastGeneration;
	}

	/**
	 * A call that adds the header, and tells a request that was never sent from one that
	 * may have been.
	 */
	private final class EndpointCall<Q, R> extends ForwardingClientCall.SimpleForwardingClientCall<Q, R> {

		private final Route route;

		EndpointCall(Route route, ClientCall<Q, R> delegate) {
			super(delegate);
			this.route = route;
		}

		@Override
		public void start(Listener<R> listener, Metadata headers) {
			headers.put(InstanceHeader.KEY, EndpointChannel.this.component);
			super.start(new ForwardingClientCallListener.SimpleForwardingClientCallListener<>(listener) {

				@Override
				public void onClose(Status status, Metadata trailers) {
					super.onClose(status.isOk() ? status : closed(status), trailers);
				}

			}, headers);
		}

		private Status closed(Status status) {
			if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
				EndpointChannel.this.timeoutHint.run();
			}
			else if (status.getCode() == Status.Code.UNAVAILABLE
					&& getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) == null) {
				// Without a transport there was no stream, so nothing can have been sent.
				// The connection will not come back; the next call must wait for another.
				close(this.route);
				return status.withCause(new RequestNotSentException(status.getCause()));
			}
			return status;
		}

	}

}
