package dev.pluggable.remote;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Registration;
import dev.pluggable.internal.broker.RenewableConnection;
import dev.pluggable.internal.endpoint.AwaitedClient;
import dev.pluggable.internal.endpoint.Gate;
import dev.pluggable.internal.endpoint.GateFuture;
import dev.pluggable.internal.endpoint.ObservedChannel;
import dev.pluggable.internal.endpoint.ObservedClient;
import dev.pluggable.internal.endpoint.WaitingCall;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.support.LostConnection;
import dev.pluggable.internal.support.RepeatableCall;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.remote.CreationAttempt.Created;
import dev.pluggable.remote.RemoteObjectStatus.State;
import io.grpc.Attributes;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object in a plugin that a call of the application has created, and that has a
 * connection of its own. A remote object lives as long as the application wants: when the
 * process is replaced or the connection is lost, the object is created again in the
 * background until that succeeds. The new generation then takes over, and everything that
 * belongs to the old one is closed.
 * <p>
 * A remote object is itself a {@link ComponentClient}. An object that it creates is made
 * from it in the same way, and is created again after it. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class RemoteObject implements ComponentClient, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(RemoteObject.class);

	/**
	 * The time limit of the remote {@code Close}. A failure of this call has no
	 * consequence.
	 */
	private static final long CLOSE_SECONDS = 2;

	private static final String STOPS = "its process is being stopped";

	private static final String LOST = "the connection was lost: its process has ended or closed it";

	private final CallOptions callOptions;

	private final ComponentClient parent;

	private final String name;

	/**
	 * Owns the state and all fields that are neither final nor volatile.
	 */
	private final HostThread thread;

	private final CreationLoop creation;

	private final Gate<ObjectGeneration> gate;

	/**
	 * The component at the root of the object, {@code null} if nobody can listen to its
	 * calls.
	 */
	private final @Nullable ObservedClient root;

	private final Channel channel;

	private final List<GenerationListener> listeners = new CopyOnWriteArrayList<>();

	private final List<RemoteObject> children = new CopyOnWriteArrayList<>();

	private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();

	/**
	 * The reason of the close, {@code null} before. Any thread may set the reason, and
	 * the host's thread then closes the object.
	 */
	private final AtomicReference<@Nullable Closing> closing = new AtomicReference<>();

	private volatile RemoteObjectStatus status;

	/**
	 * When the object was lost, or when its creation began, on the host's ticker.
	 */
	private volatile long closedSince;

	private @Nullable ObjectGeneration current;

	private @Nullable Registration registration;

	/**
	 * Ends the registration for the end of the host's thread. The object closes then,
	 * because the timers that end the waits of calls are dropped.
	 */
	private volatile @Nullable Runnable stopListening;

	private volatile @Nullable String lastFailure;

	private long created;

	/**
	 * Create an object that does not follow its parent yet.
	 * @param parent the client that creates the object
	 * @param name name of the object
	 * @param creator makes the call that creates the object
	 * @param thread owns the state of the object
	 */
	RemoteObject(ComponentClient parent, String name, Creator creator, HostThread thread) {
		this.parent = parent;
		this.root = root(parent);
		Channel calls = new RemoteChannel();
		this.channel = (this.root != null) ? ObservedChannel.of(calls, this, this.root) : calls;
		// A call is repeated on another generation, but not on another connection.
		this.callOptions = parent.callOptions().withOption(RepeatableCall.REPEATED, Boolean.FALSE);
		this.name = name;
		this.thread = thread;
		this.creation = new CreationLoop(this, creator, thread, new CreationListener());
		this.gate = new Gate<>(thread.scheduler(), this::awaited);
		this.closedSince = thread.nanos();
		this.status = new RemoteObjectStatus(name, RemoteObjectTransitions.TABLE.initial(),
				"waiting for '" + parent.component() + "'", 0, thread.now());
	}

	private static @Nullable ObservedClient root(ComponentClient parent) {
		if (parent instanceof RemoteObject object) {
			return object.root;
		}
		return (parent instanceof ObservedClient client) ? client : null;
	}

	/**
	 * Create an object in the background, and again whenever it is lost. Does not block.
	 * @param parent the client that creates the object: a component of a launched plugin,
	 * or another remote object
	 * @param name name of the object, for messages
	 * @param creator makes the call that creates the object
	 * @return the object; the caller closes it
	 */
	public static RemoteObject create(ComponentClient parent, String name, Creator creator) {
		RemoteObject object = new RemoteObject(parent, name, creator, HostThread.of(parent.scheduler()));
		object.start();
		return object;
	}

	/**
	 * Follow the generations of the parent.
	 */
	void start() {
		this.stopListening = this.thread.onClose(() -> close("the application is stopping"));
		if (this.parent instanceof RemoteObject object) {
			object.children.add(this);
			if (object.closing.get() != null) {
				parentClosed();
				return;
			}
		}
		this.thread.execute("creating " + this, this::follow);
	}

	private void follow() {
		this.thread.assertCurrent();
		if (this.status.state() != State.CLOSED) {
			Registration generations = this.parent.onGeneration((generation) -> this.thread.execute("creating " + this,
					() -> this.creation.parentReady(generation)));
			Registration stops = this.parent.onStop(() -> this.thread.execute("letting go of " + this, this::letGo));
			this.registration = () -> {
				generations.close();
				stops.close();
			};
		}
	}

	/**
	 * Enter a state, publish it with its reason, and log it.
	 */
	void goTo(State state, @Nullable String reason) {
		this.thread.assertCurrent();
		RemoteObjectStatus before = this.status;
		if (!RemoteObjectTransitions.TABLE.allows(before.state(), state)) {
			logger.error("{} cannot change from {} to {}: {}", this, before.state(), state, reason);
			return;
		}
		this.status = new RemoteObjectStatus(this.name, state, reason, this.created,
				(before.state() == state) ? before.since() : this.thread.now());
		switch (state) {
			case READY -> logger.info("{} is ready (generation {})", this, this.created);
			case UNAVAILABLE -> {
				if (stopped()) {
					logger.debug("{} has ended with its process", this);
				}
				else if (before.state() == State.UNAVAILABLE) {
					logger.debug("{} is not available: {}", this, reason);
				}
				else {
					logger.warn("{} is not available: {}", this, reason);
				}
			}
			default -> logger.debug("{} is {}: {}", this, state, reason);
		}
	}

	private void created(Created result) {
		if (this.closing.get() != null) {
			result.close();
			return;
		}
		ObjectGeneration creator = (result.parent() instanceof ObjectGeneration.View view) ? view.generation() : null;
		ObjectGeneration generation = new ObjectGeneration(this, creator, result.parent().attributes(),
				result.connection(), result.served());
		ObjectGeneration replaced = this.current;
		generation.numbered(++this.created);
		this.lastFailure = null;
		this.current = generation;
		// Whoever sees READY can call.
		this.gate.open(generation);
		goTo(State.READY, null);
		this.thread.notify("telling that " + this + " is ready", () -> {
			complete(this.ready);
			tellListeners(generation);
		});
		if (generation.connection() instanceof RenewableConnection connection) {
			connection
				.onRenewed(() -> this.thread.execute("renewing a connection of " + this, () -> renewed(generation)));
		}
		generation.connection().notifyWhenStateChanged(ConnectivityState.READY, () -> lost(generation));
		if (replaced != null) {
			replaced.retire(this.thread);
		}
	}

	/**
	 * The connection of a generation has been made again. Streams move to the new
	 * connection, because the generation gets another number. The plugin has not created
	 * anything again.
	 */
	private void renewed(ObjectGeneration generation) {
		if (this.current == generation) {
			generation.numbered(++this.created);
			RemoteObjectStatus before = this.status;
			this.status = new RemoteObjectStatus(this.name, before.state(), before.reason(), this.created,
					before.since());
			logger.debug("A connection of {} is renewed (generation {})", this, this.created);
			this.thread.notify("telling that a connection of " + this + " is renewed", () -> tellListeners(generation));
		}
	}

	private void tellListeners(ObjectGeneration generation) {
		ComponentGeneration view = generation.view();
		this.listeners.forEach((listener) -> listener.tell(view));
	}

	/**
	 * Complete a future on another thread than the host's, because continuations may
	 * block.
	 */
	private void complete(CompletableFuture<@Nullable Void> future) {
		if (!future.isDone()) {
			try {
				executor().execute(() -> future.complete(null));
			}
			catch (RejectedExecutionException ex) {
				future.complete(null);
			}
		}
	}

	private void failed(ComponentGeneration parent, Throwable failure) {
		String reason = FailureText.of(failure, this.parent::withoutSecrets);
		boolean news = !reason.equals(this.lastFailure);
		this.lastFailure = reason;
		if (this.current == null) {
			goTo(this.status.state(), reason);
		}
		// The parent logs the loss of its own connection.
		if (news && parent.current() && !stopped()) {
			logger.warn("{} cannot be created and will be tried again: {}", this, reason);
		}
	}

	/**
	 * Record that a generation takes no more calls. The gate closes at once, and the
	 * host's thread then changes the state. May be called from any thread.
	 */
	void lost(ObjectGeneration generation) {
		if (!this.gate.close(generation)) {
			// Another call has reported the loss, or another generation has taken over.
			return;
		}
		this.closedSince = this.thread.nanos();
		this.thread.execute("following the loss of " + this, () -> {
			retire(generation, LOST);
			this.creation.again();
		});
	}

	/**
	 * Create the object again although it may be well, because one call creates it and
	 * others. The next generation takes over then. May be called from any thread.
	 * @param wanted tells, on the host's thread, whether that is still needed
	 */
	void createAgain(BooleanSupplier wanted) {
		this.thread.execute("creating " + this + " again", () -> {
			if (this.closing.get() == null && wanted.getAsBoolean()) {
				this.creation.againWithOthers();
			}
		});
	}

	private void retire(ObjectGeneration generation, String reason) {
		if (this.current == generation) {
			this.current = null;
			goTo(State.UNAVAILABLE, reason);
		}
		generation.retire(this.thread);
	}

	/**
	 * Take no more calls, because the application stops the process. The connection would
	 * keep the process.
	 */
	private void letGo() {
		this.creation.parentStops();
		ObjectGeneration generation = this.current;
		if (generation != null && this.gate.close(generation)) {
			this.closedSince = this.thread.nanos();
			retire(generation, STOPS);
		}
	}

	boolean isOn(ObjectGeneration generation) {
		return this.gate.current() == generation;
	}

	/**
	 * Make a call on a generation.
	 * @param repeatable whether the call may be repeated on the next generation
	 */
	<Q, R> ClientCall<Q, R> newCall(ObjectGeneration generation, MethodDescriptor<Q, R> method, CallOptions options,
			boolean repeatable) {
		CallOptions limited = options;
		if (method.getType() == MethodDescriptor.MethodType.UNARY && options.getDeadline() == null) {
			limited = options.withDeadlineAfter(callTimeout().toNanos(), TimeUnit.NANOSECONDS);
		}
		return new RemoteCall<>(this, generation, method, limited, repeatable);
	}

	private long waitNanos() {
		long grace = outageGrace().toNanos() - (this.thread.nanos() - this.closedSince);
		return Math.max(Math.max(waitForReady().toNanos(), grace), awaited() ? 1 : 0);
	}

	@Override
	public CompletionStage<ComponentGeneration> currentGeneration() {
		return GateFuture.enter(this.gate, waitNanos(), executor(), () -> unavailable(null))
			.thenApply(ObjectGeneration::view);
	}

	private <Q, R> ClientCall<Q, R> newWaitingCall(MethodDescriptor<Q, R> method, CallOptions options) {
		long wait = waitNanos();
		if (wait <= 0 || options.getOption(NO_WAIT)) {
			throw unavailable(method.getBareMethodName());
		}
		return newWaitingCall(wait, method, options, (generation) -> newCall(generation, method, options, true));
	}

	/**
	 * Tell whether the outcome of the first creation is awaited. A call must not wait for
	 * the host services of the application, because the call itself may delay them. May
	 * be called from any thread.
	 */
	private boolean awaited() {
		if (this.status.generation() > 0 || this.lastFailure != null || this.closing.get() != null
				|| this.creation.awaitsServices()) {
			return false;
		}
		if (this.creation.attempting()) {
			return true;
		}
		boolean coming = (this.parent instanceof RemoteObject object) ? object.awaited()
				: this.parent instanceof AwaitedClient client && client.awaited();
		// An attempt follows as soon as the parent is there.
		boolean known = this.parent instanceof RemoteObject || this.parent instanceof AwaitedClient;
		return coming || (known && this.parent.unavailability() == null);
	}

	/**
	 * Repeat a call that was lost with its generation. The call waits for the next
	 * generation until its deadline, unless it must not wait.
	 */
	<Q, R> ClientCall<Q, R> newRepeatedCall(MethodDescriptor<Q, R> method, CallOptions options,
			Function<ObjectGeneration, ClientCall<Q, R>> calls) {
		boolean limited = options.getDeadline() != null || Context.current().getDeadline() != null;
		long nanos = limited ? Long.MAX_VALUE : callTimeout().toNanos();
		return newWaitingCall(options.getOption(NO_WAIT) ? 0 : nanos, method, options, calls);
	}

	private <Q, R> ClientCall<Q, R> newWaitingCall(long nanos, MethodDescriptor<Q, R> method, CallOptions options,
			Function<ObjectGeneration, ClientCall<Q, R>> calls) {
		return new WaitingCall<>(this.gate, nanos, options, executor(), () -> unavailable(method.getBareMethodName()),
				calls);
	}

	private ComponentUnavailableException unavailable(@Nullable String operation) {
		String reason = unavailability();
		return new ComponentUnavailableException(this.name, kind(), operation, (reason != null) ? reason : LOST);
	}

	/**
	 * Return the status of the object. While the object is not ready, the reason also
	 * tells why the parent cannot be called.
	 * @return a consistent snapshot
	 */
	public RemoteObjectStatus status() {
		RemoteObjectStatus status = this.status;
		Closing closing = this.closing.get();
		if (closing != null) {
			// The host's thread may have ended, and follows no more.
			return new RemoteObjectStatus(status.name(), State.CLOSED, closing.reason(), status.generation(),
					closing.since());
		}
		if (status.state() == State.READY) {
			return status;
		}
		return new RemoteObjectStatus(status.name(), status.state(), withReasonOfParent(status.reason()),
				status.generation(), status.since());
	}

	/**
	 * Return why the object cannot be called now. The reason of the parent is part of it.
	 */
	@Override
	public @Nullable String unavailability() {
		if (this.gate.current() != null) {
			return null;
		}
		Closing closing = this.closing.get();
		return (closing != null) ? closing.reason() : withReasonOfParent(this.status.reason());
	}

	private String withReasonOfParent(@Nullable String reason) {
		String own = (reason != null) ? reason : LOST;
		String parents = this.parent.unavailability();
		return (parents == null || own.contains(parents)) ? own : own + ": " + parents;
	}

	/**
	 * Return whether the object was closed, or its parent has stopped.
	 */
	@Override
	public boolean stopped() {
		return this.closing.get() != null || this.parent.stopped();
	}

	/**
	 * Return whether the object can be called now, as far as the host knows.
	 * @return {@code true} if so
	 */
	public boolean connected() {
		return this.gate.current() != null;
	}

	/**
	 * Return a stage that completes when the object has been created for the first time.
	 * @return the stage, which fails with a {@link ComponentUnavailableException} if the
	 * object is closed before
	 */
	public CompletionStage<@Nullable Void> ready() {
		return this.ready.minimalCompletionStage();
	}

	/**
	 * Return the name of the object.
	 * @return the name
	 */
	@Override
	public String component() {
		return this.name;
	}

	/**
	 * Return the name of the kind of the component at the root of the object.
	 * @return the name
	 */
	@Override
	public String kind() {
		return this.parent.kind();
	}

	/**
	 * Return the channel that leads to the current generation. A unary call without a
	 * deadline has the component's call timeout. While there is no generation, a call
	 * waits or fails as on the channel of a component. A call that is lost with its
	 * generation is made once more on the next generation, within its deadline, if the
	 * request certainly was not sent, or if the call is unary and the {@code .proto}
	 * allows repetition by the {@code idempotency_level} of the method.
	 * @return the channel, the same one always
	 */
	@Override
	public Channel channel() {
		return this.channel;
	}

	@Override
	public CallOptions callOptions() {
		return this.callOptions;
	}

	@Override
	public Duration waitForReady() {
		return this.parent.waitForReady();
	}

	@Override
	public Duration outageGrace() {
		return this.parent.outageGrace();
	}

	@Override
	public Duration callTimeout() {
		return this.parent.callTimeout();
	}

	@Override
	public Duration drainTimeout() {
		return this.parent.drainTimeout();
	}

	/**
	 * Return no features, because a remote object has none.
	 * @return the empty set
	 */
	@Override
	public Set<String> features() {
		return Set.of();
	}

	/**
	 * Return the status of a call without the secrets of the plugin.
	 */
	Status withoutSecrets(Status status) {
		String description = status.getDescription();
		return (description != null) ? status.withDescription(withoutSecrets(description)) : status;
	}

	@Override
	public String withoutSecrets(String text) {
		return this.parent.withoutSecrets(text);
	}

	/**
	 * Return how often the object was created, and its connection renewed, so far.
	 * @return the number of the latest generation, 0 before the first
	 */
	@Override
	public long generation() {
		return this.status.generation();
	}

	/**
	 * Listen to the generations of the object, beginning with the current one if there is
	 * one. The attributes of a generation are those of the process. The listener is
	 * called on the host's thread, which it must not block.
	 */
	@Override
	public Registration onGeneration(Consumer<ComponentGeneration> listener) {
		GenerationListener registered = new GenerationListener(listener);
		this.listeners.add(registered);
		this.thread.execute("telling a new listener of " + this, () -> {
			ObjectGeneration generation = this.current;
			if (generation != null) {
				registered.tell(generation.view());
			}
		});
		return () -> this.listeners.remove(registered);
	}

	@Override
	public Registration onStop(Runnable listener) {
		return this.parent.onStop(listener);
	}

	@Override
	public Executor executor() {
		return this.parent.executor();
	}

	@Override
	public ScheduledExecutorService scheduler() {
		return this.parent.scheduler();
	}

	/**
	 * Tell the plugin that the object is no longer needed, then close it. The plugin has
	 * 2 s to answer, and this method blocks meanwhile. The method throws no exception if
	 * the plugin does not run or does not answer, because the host closes the object in
	 * any case.
	 * @param <Q> request
	 * @param method the interface's own method to close the object
	 * @param request its request
	 */
	public <Q> void close(MethodDescriptor<Q, ?> method, Q request) {
		ObjectGeneration generation = this.gate.current();
		try {
			if (generation != null) {
				close(generation, method, request);
			}
		}
		finally {
			close();
		}
	}

	private <Q> void close(ObjectGeneration generation, MethodDescriptor<Q, ?> method, Q request) {
		try {
			ClientCalls.blockingUnaryCall(generation.connection(), method,
					CallOptions.DEFAULT.withDeadlineAfter(CLOSE_SECONDS, TimeUnit.SECONDS), request);
		}
		catch (StatusRuntimeException ex) {
			if (LostConnection.isReason(ex.getStatus()) || ex.getStatus().getCode() == Status.Code.CANCELLED
					|| !generation.usable() || stopped()) {
				logger.debug("{} was closed after its process had ended", this, ex);
			}
			else {
				logger.warn("The plugin failed to close {}: {}", this, FailureText.of(ex, this.parent::withoutSecrets));
			}
		}
	}

	/**
	 * Close the object and the objects that it has created. Calls fail from now on, and
	 * the connections are closed in the background. Calls under way fail and are not
	 * repeated. Further calls of this method do nothing. Does not block.
	 */
	@Override
	public void close() {
		close("it was closed");
	}

	private void parentClosed() {
		close("'" + this.parent.component() + "', which created it, was closed");
	}

	private void close(String reason) {
		if (!this.closing.compareAndSet(null, new Closing(reason, this.thread.now()))) {
			return;
		}
		this.gate.stop();
		this.ready.completeExceptionally(new ComponentUnavailableException(this.name, kind(), null, reason));
		this.children.forEach(RemoteObject::parentClosed);
		if (this.parent instanceof RemoteObject object) {
			object.children.remove(this);
		}
		Runnable stopListening = this.stopListening;
		if (stopListening != null) {
			stopListening.run();
		}
		this.thread.execute("closing " + this, () -> closed(reason));
	}

	private void closed(String reason) {
		goTo(State.CLOSED, reason);
		this.creation.stop();
		this.listeners.clear();
		if (this.registration != null) {
			this.registration.close();
			this.registration = null;
		}
		if (this.current != null) {
			this.current.close();
			this.current = null;
		}
	}

	@Override
	public String toString() {
		return "Remote object '" + this.name + "'";
	}

	/**
	 * The end of the object.
	 *
	 * @param reason why the object was closed
	 * @param since when the object was closed
	 */
	private record Closing(String reason, Instant since) {
	}

	/**
	 * Makes the call that creates an object.
	 */
	@FunctionalInterface
	public interface Creator {

		/**
		 * Create the object. The creator may block. It is interrupted if it takes longer
		 * than 30 s, or if its result is no longer needed. There is one call at a time
		 * for one object.
		 * @param creation serves connections for the object; unusable after the return
		 * @return the number that the plugin gave and that the broker of the plugin
		 * serves
		 * @throws Exception if the object cannot be created; another attempt follows
		 */
		int create(Creation creation) throws Exception;

	}

	/**
	 * Serves connections for the object that is being created. These connections belong
	 * to the generation that is created and are closed with it. Safe for use by many
	 * threads.
	 */
	public interface Creation {

		/**
		 * Return a channel to the process, or to the object, that is to create the
		 * object. Calls on the channel end with the creation.
		 * @return the channel
		 */
		Channel channel();

		/**
		 * Serve services to the process.
		 * @param name the purpose of the services, for messages
		 * @param services the services, all on one connection
		 * @return the number to send to the plugin
		 * @throws PluginException if the services cannot be served
		 */
		int serve(String name, BindableService... services);

		/**
		 * Serve services to the process.
		 * @param name the purpose of the services, for messages
		 * @param services the services, all on one connection
		 * @return the number to send to the plugin
		 * @throws PluginException if the services cannot be served
		 */
		int serve(String name, List<ServerServiceDefinition> services);

		/**
		 * Return the attributes of the process, such as its broker.
		 * @return the attributes
		 */
		Attributes attributes();

		/**
		 * Let a server belong to the object, like those that this creation serves.
		 * @param server a server for the process, from its broker
		 * @return the number to send to the plugin
		 */
		int own(BrokeredServer server);

		/**
		 * Let the process call another object or a component, of the same plugin or of
		 * another one. The calls reach the current generation of the target.
		 * @param name the purpose of the object or component, for messages
		 * @param target the object or component
		 * @return the number to send to the plugin
		 * @throws PluginException if the target cannot be served
		 */
		int proxy(String name, ComponentClient target);

		/**
		 * Serve one of the services that the application offers to plugins. The method
		 * waits for the service while the application is still starting.
		 * @param service full gRPC name of the service
		 * @return the number to send to the plugin
		 * @throws PluginException if there is no such service or it cannot be served
		 */
		int offer(String service);

	}

	/**
	 * Follows the attempts to create the object.
	 */
	private final class CreationListener implements CreationLoop.Listener {

		@Override
		public void progressed(String what) {
			if (RemoteObject.this.current == null) {
				goTo(RemoteObject.this.status.state(), what);
			}
		}

		@Override
		public void created(Created created) {
			RemoteObject.this.created(created);
		}

		@Override
		public void failed(ComponentGeneration parent, Throwable failure) {
			RemoteObject.this.failed(parent, failure);
		}

	}

	/**
	 * A channel to the current generation.
	 */
	private final class RemoteChannel extends Channel {

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			ObjectGeneration generation = RemoteObject.this.gate.current();
			return (generation != null) ? RemoteObject.this.newCall(generation, method, options, true)
					: newWaitingCall(method, options);
		}

		@Override
		public String authority() {
			return RemoteObject.this.name;
		}

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

		void tell(ComponentGeneration generation) {
			if (generation.number() <= this.last || !RemoteObject.this.listeners.contains(this)) {
				return;
			}
			this.last = generation.number();
			try {
				this.delegate.accept(generation);
			}
			catch (RuntimeException ex) {
				logger.error("A listener of {} failed on generation {}", RemoteObject.this, generation.number(), ex);
			}
		}

	}

}
