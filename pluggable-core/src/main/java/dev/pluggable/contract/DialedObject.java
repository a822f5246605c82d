package dev.pluggable.contract;

import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.Registration;
import dev.pluggable.internal.broker.GrpcBroker;
import dev.pluggable.plugin.PluginBroker;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * An object that a plugin has handed over in a call to the application. It has one
 * connection, which nobody makes again. The broker of the process closes the connection
 * at its end at the latest. Safe for use by many threads.
 */
final class DialedObject implements ComponentClient, ComponentGeneration {

	private static final String ENDED = "its process has ended, or one side has closed it";

	private final String name;

	private final PluginBroker broker;

	private final ManagedChannel connection;

	private final Channel channel = new LimitedChannel();

	private volatile boolean closed;

	private DialedObject(String name, PluginBroker broker, ManagedChannel connection) {
		this.name = name;
		this.broker = broker;
		this.connection = connection;
	}

	/**
	 * Connect to an object. Blocks until the plugin has announced it.
	 * @param name name of the object, for messages
	 * @param broker the broker of the process
	 * @param id the id that the plugin has sent
	 * @throws dev.pluggable.plugin.PluginException if the plugin does not announce it
	 */
	static DialedObject dial(String name, PluginBroker broker, int id) {
		ManagedChannel connection;
		try {
			connection = broker.dial(name, id).toCompletableFuture().join();
		}
		catch (CompletionException ex) {
			throw (ex.getCause() instanceof RuntimeException cause) ? cause : ex;
		}
		DialedObject object = new DialedObject(name, broker, connection);
		object.follow(connection.getState(true), false);
		return object;
	}

	/**
	 * Close when the connection is lost, because nothing else releases it then.
	 */
	private void follow(ConnectivityState state, boolean connected) {
		boolean lost = (connected && state != ConnectivityState.READY) || state == ConnectivityState.TRANSIENT_FAILURE
				|| state == ConnectivityState.SHUTDOWN;
		if (lost) {
			close();
		}
		else {
			boolean ready = connected || state == ConnectivityState.READY;
			this.connection.notifyWhenStateChanged(state, () -> follow(this.connection.getState(false), ready));
		}
	}

	/**
	 * Close the connection. Further calls fail. Does not block.
	 */
	void close() {
		this.closed = true;
		this.connection.shutdownNow();
	}

	@Override
	public String component() {
		return this.name;
	}

	@Override
	public String kind() {
		return "object";
	}

	@Override
	public Channel channel() {
		return this.channel;
	}

	@Override
	public CallOptions callOptions() {
		return CallOptions.DEFAULT;
	}

	@Override
	public @Nullable String unavailability() {
		return this.closed ? ENDED : null;
	}

	@Override
	public Set<String> features() {
		return Set.of();
	}

	@Override
	public long generation() {
		return 1;
	}

	@Override
	public Registration onGeneration(Consumer<ComponentGeneration> listener) {
		listener.accept(this);
		return () -> {
		};
	}

	@Override
	public long number() {
		return 1;
	}

	@Override
	public Attributes attributes() {
		return Attributes.newBuilder().set(PluginBroker.KEY, this.broker).build();
	}

	@Override
	public boolean current() {
		return !this.closed;
	}

	@Override
	public Executor executor() {
		return threads().handlers();
	}

	@Override
	public ScheduledExecutorService scheduler() {
		return threads().scheduler();
	}

	private GrpcBroker threads() {
		if (this.broker instanceof GrpcBroker threads) {
			return threads;
		}
		throw new UnsupportedOperationException("Not the broker of a host: " + this.broker);
	}

	@Override
	public String toString() {
		return "Object '" + this.name + "'";
	}

	/**
	 * Limits the time of unary calls.
	 */
	private final class LimitedChannel extends Channel {

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			boolean unlimited = method.getType() == MethodDescriptor.MethodType.UNARY && options.getDeadline() == null;
			return DialedObject.this.connection.newCall(method,
					unlimited ? options.withDeadlineAfter(callTimeout().toNanos(), TimeUnit.NANOSECONDS) : options);
		}

		@Override
		public String authority() {
			return DialedObject.this.name;
		}

	}

}
