package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Registration;
import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.internal.reflection.DescribedClient;
import dev.pluggable.internal.reflection.ReflectedServices;
import dev.pluggable.internal.support.RepeatableCall;
import dev.pluggable.observation.CallListener;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads the calls to a component to the generation on which the component is initialised.
 * While there is no such generation, the {@link Gate} is closed.
 */
final class EndpointChannel extends Channel implements ComponentClient, AwaitedClient, DescribedClient, ObservedClient {

	private static final Logger logger = LoggerFactory.getLogger(EndpointChannel.class);

	private final RemoteComponent<?> owner;

	private final Endpoint endpoint;

	private final String component;

	private final Duration callTimeout;

	private final long callTimeoutNanos;

	private final long waitForReadyNanos;

	private final long outageGraceNanos;

	private final CallOptions callOptions;

	private final Gate<Route> gate;

	/**
	 * The channel of which a listener hears, this channel if nobody listens.
	 */
	private final Channel observed;

	private final List<GenerationListener> listeners = new CopyOnWriteArrayList<>();

	private final List<StopListener> stopListeners = new CopyOnWriteArrayList<>();

	private volatile long lastGeneration;

	/**
	 * When a call succeeded last, on the host's ticker.
	 */
	private volatile long lastSuccess;

	/**
	 * When the outage or the start began, on the host's ticker.
	 */
	private volatile long closedSince;

	/**
	 * Create a channel whose gate is closed.
	 * @param owner the component behind the gate
	 * @param endpoint the endpoint of the component
	 */
	EndpointChannel(RemoteComponent<?> owner, Endpoint endpoint) {
		this.owner = owner;
		this.endpoint = endpoint;
		this.component = owner.name();
		ComponentSettings settings = owner.settings();
		this.callTimeout = settings.callTimeout();
		this.callTimeoutNanos = this.callTimeout.toNanos();
		this.waitForReadyNanos = settings.waitForReady().toNanos();
		this.outageGraceNanos = settings.outageGrace().toNanos();
		this.callOptions = CallOptions.DEFAULT.withMaxInboundMessageSize(settings.maxInboundMessageSize())
			.withOption(RepeatableCall.REPEATED, Boolean.TRUE)
			.withOption(ComponentChannelCustomizer.ENDPOINT, endpoint.name());
		this.gate = new Gate<>(endpoint.context().thread().scheduler(), this::awaited);
		this.observed = ObservedChannel.of(this, this, this);
		this.closedSince = nanos();
		this.lastSuccess = this.closedSince;
	}

	private long nanos() {
		return this.endpoint.context().thread().nanos();
	}

	/**
	 * Count the time of the start from now on.
	 */
	void started() {
		this.closedSince = nanos();
	}

	@Override
	public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
		Route route = this.gate.current();
		if (route == null) {
			return newWaitingCall(method, options);
		}
		return newCall(route, method, options, true);
	}

	private <Q, R> ClientCall<Q, R> newWaitingCall(MethodDescriptor<Q, R> method, CallOptions options) {
		long nanos = waitNanos();
		if (nanos <= 0 || options.getOption(NO_WAIT)) {
			throw unavailable(method.getBareMethodName());
		}
		return newWaitingCall(nanos, method, options, (route) -> newCall(route, method, options, true));
	}

	/**
	 * Make a call that waits for the gate to open.
	 * @param calls makes the call on a route
	 */
	<Q, R> ClientCall<Q, R> newWaitingCall(long nanos, MethodDescriptor<Q, R> method, CallOptions options,
			Function<Route, ClientCall<Q, R>> calls) {
		return new WaitingCall<>(this.gate, nanos, options, executor(), () -> unavailable(method.getBareMethodName()),
				calls);
	}

	/**
	 * Return how long a call waits at the closed gate: as long as the settings say, and
	 * as long as the outage is short. A call also waits for the outcome of what the
	 * endpoint does now, if that outcome is awaited.
	 */
	long waitNanos() {
		long grace = this.outageGraceNanos - (nanos() - this.closedSince);
		return Math.max(Math.max(this.waitForReadyNanos, grace), awaited() ? 1 : 0);
	}

	private <Q, R> ClientCall<Q, R> newCall(Route route, MethodDescriptor<Q, R> method, CallOptions options,
			boolean repeatable) {
		CallOptions limited = options;
		if (method.getType() == MethodDescriptor.MethodType.UNARY && options.getDeadline() == null) {
			limited = options.withDeadlineAfter(this.callTimeoutNanos, TimeUnit.NANOSECONDS);
		}
		return new EndpointCall<>(this, route, method, limited, repeatable);
	}

	/**
	 * Make a call on a route. If the generation is replaced, a call without a deadline
	 * has the call timeout to end.
	 */
	<Q, R> ClientCall<Q, R> newCall(Route route, MethodDescriptor<Q, R> method, CallOptions options) {
		return route.generation().endlessCalls().newCall(route.channel(), method, options, this.callTimeout);
	}

	/**
	 * A call succeeded.
	 */
	void succeeded() {
		this.lastSuccess = nanos();
	}

	/**
	 * Tell whether a call has succeeded since a moment.
	 * @param nanos the reading of the host's ticker
	 */
	boolean succeededSince(long nanos) {
		return this.lastSuccess - nanos > 0;
	}

	/**
	 * A call missed its deadline.
	 */
	void timedOut() {
		this.endpoint.probeSoon();
	}

	/**
	 * A route did not take a call. If its generation is lost, further calls must wait for
	 * another one, because a lost generation never comes back.
	 */
	void refused(Route route) {
		if (route.generation().lost() || route.channel().getState(false) != ConnectivityState.READY) {
			if (this.gate.close(route)) {
				this.closedSince = nanos();
			}
			this.endpoint.suspect(route.generation());
		}
	}

	private ComponentUnavailableException unavailable(@Nullable String operation) {
		return new ComponentUnavailableException(this.component, kind(), operation, this.owner.unavailability());
	}

	/**
	 * Let calls through to a route, and tell the listeners of the generation. Called on
	 * the host's thread.
	 */
	void open(Route route) {
		this.lastGeneration = route.generation().number();
		this.gate.open(route);
		this.endpoint.context()
			.thread()
			.notify("reporting a generation to listeners of " + this.owner,
					() -> this.listeners.forEach((listener) -> listener.tell(route)));
	}

	/**
	 * Close the gate. Calls may wait until it opens again.
	 */
	void close() {
		if (this.gate.close()) {
			this.closedSince = nanos();
		}
	}

	/**
	 * Close the gate permanently and refuse the waiting calls.
	 */
	void stop() {
		this.gate.stop();
	}

	/**
	 * Return the route to which the gate leads.
	 * @return the route, {@code null} while the gate is closed
	 */
	@Nullable Route route() {
		return this.gate.current();
	}

	@Override
	public CompletionStage<ComponentGeneration> currentGeneration() {
		return GateFuture.enter(this.gate, waitNanos(), executor(), () -> unavailable(null))
			.thenApply((route) -> new RouteGeneration(route, ObservedChannel.of(new RouteChannel(route), this, this)));
	}

	@Override
	public Registration onGeneration(Consumer<ComponentGeneration> listener) {
		GenerationListener registered = new GenerationListener(listener);
		this.listeners.add(registered);
		this.endpoint.execute(() -> {
			Route route = this.gate.current();
			if (route != null) {
				registered.tell(route);
			}
		});
		return () -> this.listeners.remove(registered);
	}

	@Override
	public Registration onStop(Runnable listener) {
		StopListener registered = new StopListener(listener);
		this.stopListeners.add(registered);
		return () -> this.stopListeners.remove(registered);
	}

	/**
	 * Tell the listeners that the process is about to be stopped on purpose. Called on
	 * the host's thread.
	 */
	void stopping() {
		this.endpoint.context()
			.thread()
			.notify("reporting a stop to listeners of " + this.owner,
					() -> this.stopListeners.forEach(StopListener::tell));
	}

	@Override
	public Executor executor() {
		return this.endpoint.context().handlers();
	}

	@Override
	public ScheduledExecutorService scheduler() {
		return this.endpoint.context().thread().scheduler();
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
		return (this.gate.current() != null) ? null : this.owner.unavailability();
	}

	@Override
	public boolean awaited() {
		return this.owner.awaited();
	}

	@Override
	public @Nullable CallListener callListener() {
		return this.endpoint.context().observers().calls();
	}

	@Override
	public String endpoint() {
		return this.endpoint.name();
	}

	@Override
	public boolean stopped() {
		return this.endpoint.isStopped();
	}

	@Override
	public Channel channel() {
		return this.observed;
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
	public Duration outageGrace() {
		return Duration.ofNanos(this.outageGraceNanos);
	}

	@Override
	public Duration callTimeout() {
		return this.callTimeout;
	}

	@Override
	public Duration drainTimeout() {
		return this.endpoint.context().settings().drainTimeout();
	}

	@Override
	public Set<String> features() {
		Route route = this.gate.current();
		if (route == null) {
			route = this.gate.await(waitNanos());
		}
		if (route == null) {
			throw unavailable(null);
		}
		return route.features();
	}

	@Override
	public List<String> services() {
		return this.owner.requiredServices();
	}

	@Override
	public @Nullable CompletableFuture<ReflectedServices> reflected() {
		Route route = this.gate.current();
		return (route != null) ? route.generation().description() : null;
	}

	@Override
	public long generation() {
		return this.lastGeneration;
	}

	/**
	 * Tells a listener of each generation once, in ascending order. Belongs to the host's
	 * thread.
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
				logger.error("A listener of {} failed on generation {}", EndpointChannel.this.owner, number, ex);
			}
		}

	}

	/**
	 * Hears of each stop.
	 */
	private final class StopListener {

		private final Runnable delegate;

		StopListener(Runnable delegate) {
			this.delegate = delegate;
		}

		void tell() {
			try {
				this.delegate.run();
			}
			catch (RuntimeException ex) {
				logger.error("A listener of {} failed at a stop", EndpointChannel.this.owner, ex);
			}
		}

	}

	/**
	 * A channel to one route, even if the gate leads to another route.
	 */
	private final class RouteChannel extends Channel {

		private final Route route;

		RouteChannel(Route route) {
			this.route = route;
		}

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			// The call stays on this route, and may only change the connection.
			return EndpointChannel.this.newCall(this.route, method,
					options.withOption(RepeatableCall.REPEATED, Boolean.FALSE), false);
		}

		@Override
		public String authority() {
			return EndpointChannel.this.authority();
		}

	}

	/**
	 * The generation that listeners see for a route.
	 */
	private final class RouteGeneration implements ComponentGeneration {

		private final Route route;

		private final Channel channel;

		private final long number;

		RouteGeneration(Route route, Channel channel) {
			this.route = route;
			this.channel = channel;
			this.number = route.generation().number();
		}

		@Override
		public long number() {
			return this.number;
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
		public boolean continues(ComponentGeneration earlier) {
			return earlier instanceof RouteGeneration other && other.route.generation() == this.route.generation();
		}

		@Override
		public boolean current() {
			return EndpointChannel.this.gate.current() == this.route && !this.route.generation().lost();
		}

	}

}
