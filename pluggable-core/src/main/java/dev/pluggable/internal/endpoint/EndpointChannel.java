package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Registration;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gate in front of a component: leads to the generation on which the component is
 * initialised, and to none while there is no such generation.
 */
final class EndpointChannel extends Channel implements ComponentClient {

	private static final Logger logger = LoggerFactory.getLogger(EndpointChannel.class);

	private final RemoteComponent<?> owner;

	private final Endpoint endpoint;

	private final String component;

	private final long callTimeoutNanos;

	private final long waitForReadyNanos;

	private final CallOptions callOptions;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final List<GenerationListener> listeners = new CopyOnWriteArrayList<>();

	private boolean stopped;

	private volatile @Nullable Route route;

	private volatile long lastGeneration;

	/**
	 * A closed gate.
	 * @param owner the component behind it
	 * @param endpoint where the component is
	 */
	EndpointChannel(RemoteComponent<?> owner, Endpoint endpoint) {
		this.owner = owner;
		this.endpoint = endpoint;
		this.component = owner.name();
		ComponentSettings settings = owner.settings();
		this.callTimeoutNanos = settings.callTimeout().toNanos();
		this.waitForReadyNanos = settings.waitForReady().toNanos();
		this.callOptions = CallOptions.DEFAULT.withMaxInboundMessageSize(settings.maxInboundMessageSize());
	}

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		Route route = this.route;
		if (route == null) {
			route = awaitRoute(method.getBareMethodName(), !options.getOption(NO_WAIT));
		}
		return newCall(route, method, options);
	}

	private <Q, R> ClientCall<Q, R> newCall(Route route, MethodDescriptor<Q, R> method, CallOptions options) {
		CallOptions limited = options;
		if (method.getType() == MethodDescriptor.MethodType.UNARY && options.getDeadline() == null) {
			limited = options.withDeadlineAfter(this.callTimeoutNanos, TimeUnit.NANOSECONDS);
		}
		return new EndpointCall<>(route, route.channel().newCall(method, limited));
	}

	private Route awaitRoute(@Nullable String operation, boolean mayWait) {
		if (mayWait && this.waitForReadyNanos > 0) {
			Route route = awaitOpened();
			if (route != null) {
				return route;
			}
		}
		throw new ComponentUnavailableException(this.component, kind(), operation, this.owner.unavailability());
	}

	private @Nullable Route awaitOpened() {
		long remaining = this.waitForReadyNanos;
		this.lock.lock();
		try {
			while (this.route == null && !this.stopped && remaining > 0) {
				remaining = this.changed.awaitNanos(remaining);
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

	/**
	 * Let calls through. Called on the host's thread.
	 */
	void open(Route route) {
		this.lock.lock();
		try {
			this.lastGeneration = route.generation().number();
			this.route = route;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
		this.listeners.forEach((listener) -> listener.tell(route));
	}

	@Override
	public Registration onGeneration(Consumer<ComponentGeneration> listener) {
		GenerationListener registered = new GenerationListener(listener);
		this.listeners.add(registered);
		this.endpoint.execute(() -> {
			Route route = this.route;
			if (route != null) {
				registered.tell(route);
			}
		});
		return () -> this.listeners.remove(registered);
	}

	@Override
	public Executor executor() {
		return this.endpoint.context().handlers();
	}

	@Override
	public ScheduledExecutorService scheduler() {
		return this.endpoint.context().executor();
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

	/**
	 * Close the gate for ever, and let those who wait at it go.
	 */
	void stop() {
		this.lock.lock();
		try {
			this.stopped = true;
			this.route = null;
			this.changed.signalAll();
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
		return this.owner.kind().name();
	}

	@Override
	public String withoutSecrets(String text) {
		return this.owner.secrets().mask(text);
	}

	@Override
	public @Nullable String unavailability() {
		return (this.route != null) ? null : this.owner.unavailability();
	}

	@Override
	public boolean stopped() {
		return this.endpoint.isStopped();
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
	public Duration waitForReady() {
		return Duration.ofNanos(this.waitForReadyNanos);
	}

	@Override
	public Duration callTimeout() {
		return Duration.ofNanos(this.callTimeoutNanos);
	}

	@Override
	public Set<String> features() {
		Route route = this.route;
		return ((route != null) ? route : awaitRoute(null, true)).features();
	}

	@Override
	public long generation() {
		return this.lastGeneration;
	}

	/**
	 * A call that adds the header and looks at how it ends.
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
					if (!status.isOk()) {
						failed(status);
					}
					super.onClose(status, trailers);
				}

			}, headers);
		}

		private void failed(Status status) {
			if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
				EndpointChannel.this.endpoint.probeSoon();
			}
			else if (status.getCause() instanceof RequestNotSentException
					&& this.route.channel().getState(false) != ConnectivityState.READY) {
				// The connection will not come back: the next call must wait for another.
				close(this.route);
				EndpointChannel.this.endpoint.suspect(this.route.generation());
			}
		}

	}

	/**
	 * Hears of each generation once, in their order: on the host's thread alone.
	 */
	private final class GenerationListener {

		private final Consumer<ComponentGeneration> delegate;

		private long last;

		GenerationListener(Consumer<ComponentGeneration> delegate) {
			this.delegate = delegate;
		}

		void tell(Route route) {
			long number = route.generation().number();
			if (number <= this.last || !EndpointChannel.this.listeners.contains(this)) {
				return;
			}
			this.last = number;
			try {
				this.delegate.accept(new RouteGeneration(route, new RouteChannel(route)));
			}
			catch (RuntimeException ex) {
				logger.error("{} does not go on with generation {}", EndpointChannel.this.owner, number, ex);
			}
		}

	}

	/**
	 * Leads to one route for ever.
	 */
	private final class RouteChannel extends Channel {

		private final Route route;

		RouteChannel(Route route) {
			this.route = route;
		}

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			return EndpointChannel.this.newCall(this.route, method, options);
		}

		@Override
		public String authority() {
			return EndpointChannel.this.authority();
		}

	}

	/**
	 * What listeners see of a route.
	 */
	private final class RouteGeneration implements ComponentGeneration {

		private final Route route;

		private final Channel channel;

		RouteGeneration(Route route, Channel channel) {
			this.route = route;
			this.channel = channel;
		}

		@Override
		public long number() {
			return this.route.generation().number();
		}

		@Override
		public Channel channel() {
			return this.channel;
		}

		@Override
		public Attributes attributes() {
			return this.route.generation().target().attributes();
		}

		@Override
		public boolean current() {
			return EndpointChannel.this.route == this.route && !this.route.generation().lost();
		}

	}

}
