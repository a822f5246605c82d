package dev.pluggable.remote;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
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
import io.grpc.Attributes;
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
 * One attempt to create a remote object. The attempt lets the creator serve connections
 * and make its call, and then dials the number that the plugin has answered. A failed
 * attempt closes all connections that it has opened. Safe for use by many threads.
 */
final class CreationAttempt implements RemoteObject.Creation {

	/**
	 * The time limit of one attempt.
	 */
	static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final String name;

	private final ComponentGeneration parent;

	private final Context.CancellableContext context;

	private final Deadline deadline = Deadline.after(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);

	private final Context.CancellationListener cancellation = (context) -> cancelled();

	private final CompletableFuture<Created> outcome = new CompletableFuture<>();

	private volatile ServedConnections served = new ServedConnections();

	/**
	 * Guards the connection, the thread of the creator, and the end of the attempt.
	 */
	private final ReentrantLock lock = new ReentrantLock();

	private @Nullable ManagedChannel connection;

	private @Nullable Thread creating;

	private boolean ended;

	/**
	 * Create an attempt that has not begun.
	 * @param name name of the object
	 * @param parent the generation that is to create the object
	 * @param scheduler ends an attempt that takes too long
	 */
	CreationAttempt(String name, ComponentGeneration parent, ScheduledExecutorService scheduler) {
		this.name = name;
		this.parent = parent;
		this.context = Context.ROOT.withDeadline(this.deadline, scheduler);
		this.context.addListener(this.cancellation, Runnable::run);
	}

	ComponentGeneration parent() {
		return this.parent;
	}

	/**
	 * Return the outcome of the attempt. It completes once all work of the attempt has
	 * ended.
	 */
	CompletableFuture<Created> outcome() {
		return this.outcome;
	}

	/**
	 * Make the attempt. Blocks until the creator returns.
	 */
	void run(RemoteObject.Creator creator) {
		int number;
		PluginBroker broker;
		try {
			broker = broker();
			number = create(creator);
		}
		catch (Throwable ex) {
			fail(this.context.isCancelled() ? cancellation() : ex);
			return;
		}
		if (this.context.isCancelled()) {
			cancelled();
			return;
		}
		broker.dial(this.name, number).whenComplete((connection, failure) -> {
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
			// A cancelled attempt has interrupted the thread. Clear the interrupt for the
			// next task of the thread.
			Thread.interrupted();
		}
	}

	private void connect(ManagedChannel connection) {
		boolean late;
		this.lock.lock();
		try {
			late = this.ended;
			if (!late) {
				this.connection = connection;
			}
		}
		finally {
			this.lock.unlock();
		}
		if (late) {
			connection.shutdownNow();
		}
		else {
			awaitReady(connection);
		}
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
	 * Make a call to learn why the connection failed, because only a call gets the cause.
	 */
	private void failToConnect(Channel connection) {
		ComponentCalls.async(connection, HealthGrpc.getCheckMethod(), HealthCheckRequest.getDefaultInstance())
			.whenComplete((answer, failure) -> fail((failure != null) ? failure
					: new PluginException("The connection was lost as soon as it was made")));
	}

	private void succeed(ManagedChannel connection) {
		if (end()) {
			this.served.complete();
			this.outcome.complete(new Created(this.parent, connection, this.served));
		}
	}

	private void fail(Throwable failure) {
		if (end()) {
			ManagedChannel connection;
			this.lock.lock();
			try {
				connection = this.connection;
			}
			finally {
				this.lock.unlock();
			}
			if (connection != null) {
				connection.shutdownNow();
			}
			this.served.close();
			this.outcome.completeExceptionally(failure);
		}
	}

	/**
	 * End the attempt and its calls.
	 * @return whether the attempt was under way
	 */
	private boolean end() {
		this.lock.lock();
		try {
			if (this.ended) {
				return false;
			}
			this.ended = true;
		}
		finally {
			this.lock.unlock();
		}
		this.context.removeListener(this.cancellation);
		this.context.cancel(null);
		return true;
	}

	/**
	 * Cancel the attempt. The outcome completes when the creator has returned.
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
	 * Tell why the attempt was cancelled.
	 */
	private RuntimeException cancellation() {
		return (this.context.cancellationCause() instanceof TimeoutException)
				? new PluginException("The object was not created within " + TIMEOUT.toSeconds() + "s")
				: new CancellationException("The attempt was given up because another follows");
	}

	private PluginBroker broker() {
		PluginBroker broker = this.parent.attributes().get(PluginBroker.KEY);
		if (broker == null) {
			throw new PluginException("The process has no broker, so the host can neither serve nor dial connections: "
					+ "only a launched plugin that speaks go-plugin's protocol has a broker");
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
		checkNotCancelled();
		return own(broker().serve(name, services));
	}

	@Override
	public int proxy(String name, ComponentClient target) {
		checkNotCancelled();
		return own(broker().proxy(name, target));
	}

	ServedConnections served() {
		return this.served;
	}

	/**
	 * Use what another attempt has served, because that attempt has made the call.
	 * @param shared the connections, which this attempt closes as well
	 */
	void served(ServedConnections shared) {
		this.served = shared;
	}

	@Override
	public Attributes attributes() {
		return this.parent.attributes();
	}

	@Override
	public int own(BrokeredServer server) {
		return this.served.add(server);
	}

	@Override
	public int offer(String service) {
		HostServices services = this.parent.attributes().get(HostServices.KEY);
		return serve(service, List.of(((services != null) ? services : new HostServiceRegistry()).get(service)));
	}

	private void checkNotCancelled() {
		if (this.context.isCancelled()) {
			throw cancellation();
		}
	}

	/**
	 * The result of a successful attempt.
	 *
	 * @param parent the generation that has created the object
	 * @param connection a connection that is ready
	 * @param served the connections that the host serves for the object
	 */
	record Created(ComponentGeneration parent, ManagedChannel connection, ServedConnections served) {

		/**
		 * Close the connections of a result that nobody needs.
		 */
		void close() {
			this.connection.shutdownNow();
			this.served.close();
		}

	}

	/**
	 * A channel to the parent's generation. Its calls end with the attempt.
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
