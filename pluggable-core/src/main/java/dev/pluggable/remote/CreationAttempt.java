package dev.pluggable.remote;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to create a remote object: serves what is needed, has the creator call, and
 * connects to what it was answered. Until it has succeeded, all that it has made is its
 * own to close. No lock is held while anything is made or called.
 */
final class CreationAttempt implements RemoteObject.Creation {

	/**
	 * How long one attempt may take in all.
	 */
	static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final RemoteObject owner;

	private final ComponentGeneration parent;

	private final Context.CancellableContext context;

	private final Deadline deadline = Deadline.after(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);

	private final Context.CancellationListener cancellation = (context) -> cancelled();

	private final CompletableFuture<ObjectGeneration> outcome = new CompletableFuture<>();

	private final ReentrantLock lock = new ReentrantLock();

	private final List<BrokeredServer> served = new ArrayList<>();

	private @Nullable ManagedChannel connection;

	private @Nullable Thread creating;

	private volatile @Nullable String awaited;

	private boolean over;

	CreationAttempt(RemoteObject owner, ComponentGeneration parent) {
		this.owner = owner;
		this.parent = parent;
		this.context = Context.ROOT.withDeadline(this.deadline, owner.scheduler());
		this.context.addListener(this.cancellation, Runnable::run);
	}

	ComponentGeneration parent() {
		return this.parent;
	}

	/**
	 * Completes when nothing of the attempt goes on any more.
	 */
	CompletableFuture<ObjectGeneration> outcome() {
		return this.outcome;
	}

	/**
	 * Blocks as long as the creator does.
	 */
	void run(RemoteObject.Creator creator) {
		int id;
		PluginBroker broker;
		try {
			broker = broker();
			id = create(creator);
		}
		catch (Throwable ex) {
			fail(this.context.isCancelled() ? cancellation() : ex);
			return;
		}
		if (this.context.isCancelled()) {
			cancelled();
			return;
		}
		broker.dial(this.owner.component(), id).whenComplete((connection, failure) -> {
			if (failure != null) {
				fail(failure);
			}
			else {
				connect(connection);
			}
		});
	}

	private int create(RemoteObject.Creator creator) throws Exception {
		this.lock.lock();
		try {
			if (this.context.isCancelled()) {
				throw new CancellationException();
			}
			this.creating = Thread.currentThread();
		}
		finally {
			this.lock.unlock();
		}
		try {
			return this.context.call(() -> creator.create(this));
		}
		finally {
			this.lock.lock();
			try {
				this.creating = null;
			}
			finally {
				this.lock.unlock();
			}
			// It may have come from us.
			Thread.interrupted();
		}
	}

	private void connect(ManagedChannel connection) {
		this.lock.lock();
		try {
			if (!this.over) {
				this.connection = connection;
			}
		}
		finally {
			this.lock.unlock();
		}
		if (this.connection == null) {
			connection.shutdownNow();
			return;
		}
		awaitReady(connection);
	}

	private void awaitReady(ManagedChannel connection) {
		ConnectivityState state = connection.getState(true);
		switch (state) {
			case READY -> succeed(connection);
			case TRANSIENT_FAILURE, SHUTDOWN -> failToConnect(connection);
			default -> connection.notifyWhenStateChanged(state, () -> awaitReady(connection));
		}
	}

	/**
	 * What is wrong with a connection is told only to those who call.
	 */
	private void failToConnect(Channel connection) {
		ComponentCalls.async(connection, HealthGrpc.getCheckMethod(), HealthCheckRequest.getDefaultInstance())
			.whenComplete((answer, failure) -> fail((failure != null) ? failure
					: new PluginException("The connection was lost as soon as it was made")));
	}

	private void succeed(ManagedChannel connection) {
		if (end()) {
			ObjectGeneration creator = (this.parent instanceof ObjectGeneration incarnation) ? incarnation : null;
			ObjectGeneration incarnation = new ObjectGeneration(this.owner, creator, this.parent.attributes(),
					connection, this.served);
			this.context.removeListener(this.cancellation);
			this.context.cancel(null);
			this.outcome.complete(incarnation);
		}
	}

	private void fail(Throwable failure) {
		if (end()) {
			this.context.removeListener(this.cancellation);
			this.context.cancel(null);
			if (this.connection != null) {
				this.connection.shutdownNow();
			}
			this.served.forEach(BrokeredServer::close);
			this.outcome.completeExceptionally(failure);
		}
	}

	/**
	 * From now on nothing is added to what was made.
	 * @return whether that is new
	 */
	private boolean end() {
		this.lock.lock();
		try {
			boolean first = !this.over;
			this.over = true;
			return first;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Give up. The outcome comes when the creator has returned.
	 */
	void cancel() {
		this.context.cancel(null);
	}

	private void cancelled() {
		this.lock.lock();
		try {
			if (this.creating != null) {
				this.creating.interrupt();
				return;
			}
		}
		finally {
			this.lock.unlock();
		}
		fail(cancellation());
	}

	/**
	 * Why the creator could not go on, if that is not its own fault.
	 */
	private RuntimeException cancellation() {
		return (this.context.cancellationCause() instanceof TimeoutException)
				? new PluginException("It was not created within " + TIMEOUT.toSeconds() + "s"
						+ ((this.awaited != null) ? ": " + this.awaited : ""))
				: new CancellationException("The creation was given up, as another takes its place");
	}

	private PluginBroker broker() {
		PluginBroker broker = this.parent.attributes().get(PluginBroker.KEY);
		if (broker == null) {
			throw new PluginException("Nothing can be served to it or dialled: only a launched plugin that speaks "
					+ "go-plugin's protocol has a broker");
		}
		return broker;
	}

	@Override
	public Channel channel() {
		return new AttemptChannel();
	}

	@Override
	public int serve(String name, BindableService... services) {
		List<ServerServiceDefinition> definitions = new ArrayList<>();
		for (BindableService service : services) {
			definitions.add(service.bindService());
		}
		return serve(name, definitions);
	}

	@Override
	public int serve(String name, List<ServerServiceDefinition> services) {
		checkGoesOn();
		return add(broker().serve(name, services));
	}

	@Override
	public int proxy(String name, ComponentClient target) {
		checkGoesOn();
		return add(broker().proxy(name, target));
	}

	@Override
	public int offer(String service) {
		HostServices services = this.parent.attributes().get(HostServices.KEY);
		return serve(service, List.of(find((services != null) ? services : new HostServiceRegistry(), service)));
	}

	/**
	 * The application may still be starting.
	 */
	private ServerServiceDefinition find(HostServices services, String name) {
		if (!(services instanceof HostServiceRegistry registry) || !registry.isExpected(name)) {
			return services.get(name);
		}
		String reason = "waiting for the host service '" + name + "', since the application is still starting";
		this.awaited = reason;
		this.owner.waiting(this, reason);
		try {
			ServerServiceDefinition service = registry.await(name, this.deadline);
			this.awaited = null;
			this.owner.waiting(this, "it is being created");
			return service;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw cancellation();
		}
	}

	private void checkGoesOn() {
		if (this.context.isCancelled()) {
			throw cancellation();
		}
	}

	private int add(BrokeredServer server) {
		this.lock.lock();
		try {
			if (!this.over) {
				this.served.add(server);
				return server.id();
			}
		}
		finally {
			this.lock.unlock();
		}
		server.close();
		throw new IllegalStateException("Too late: the creation has ended");
	}

	/**
	 * Leads to the parent's generation. Calls end with the attempt.
	 */
	private final class AttemptChannel extends Channel {

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			Deadline own = options.getDeadline();
			Deadline attempt = CreationAttempt.this.deadline;
			CallOptions limited = options.withDeadline((own != null) ? own.minimum(attempt) : attempt);
			Context before = CreationAttempt.this.context.attach();
			try {
				return CreationAttempt.this.parent.channel().newCall(method, limited);
			}
			finally {
				CreationAttempt.this.context.detach(before);
			}
		}

		@Override
		public String authority() {
			return CreationAttempt.this.parent.channel().authority();
		}

	}

}
