package dev.pluggable.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentClient;
import dev.pluggable.fixtures.FakeCall;
import dev.pluggable.internal.broker.RenewableConnection;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.PluginBroker;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import org.jspecify.annotations.Nullable;

/**
 * A broker without sockets. The test decides when a dialled connection is ready or lost.
 */
final class FakeBroker implements PluginBroker {

	final List<FakeServer> servers = new ArrayList<>();

	final List<Connection> connections = new ArrayList<>();

	/** The ids of the connections, in the same order. */
	final List<Integer> ids = new ArrayList<>();

	/** What a dial fails with. */
	@Nullable RuntimeException dialFailure;

	/**
	 * Return the connection that was dialled last.
	 */
	Connection last() {
		return this.connections.get(this.connections.size() - 1);
	}

	@Override
	public BrokeredServer serve(String name, List<ServerServiceDefinition> services) {
		FakeServer server = new FakeServer(this.servers.size() + 1);
		this.servers.add(server);
		return server;
	}

	@Override
	public BrokeredServer serve(String name, int id, List<ServerServiceDefinition> services) {
		FakeServer server = new FakeServer(id);
		this.servers.add(server);
		return server;
	}

	@Override
	public BrokeredServer proxy(String name, int id, ComponentClient target) {
		return serve(name, id, List.of());
	}

	@Override
	public BrokeredServer proxy(String name, Channel target) {
		return serve(name, List.of());
	}

	@Override
	public BrokeredServer proxy(String name, ComponentClient target) {
		return serve(name, List.of());
	}

	@Override
	public CompletionStage<ManagedChannel> dial(String name, int id) {
		if (this.dialFailure != null) {
			return CompletableFuture.failedFuture(this.dialFailure);
		}
		Connection connection = new Connection();
		this.connections.add(connection);
		this.ids.add(id);
		return CompletableFuture.completedFuture(connection);
	}

	@Override
	public List<BrokeredConnection> served() {
		return List.of();
	}

	@Override
	public List<BrokeredConnection> dialed() {
		return List.of();
	}

	static final class FakeServer implements BrokeredServer {

		private final int id;

		int closed;

		FakeServer(int id) {
			this.id = id;
		}

		@Override
		public int id() {
			return this.id;
		}

		@Override
		public void close() {
			this.closed++;
		}

	}

	/**
	 * A connection on which each call answers with its own request. The test ends the
	 * calls.
	 */
	static final class Connection extends ManagedChannel implements RenewableConnection {

		final List<FakeCall<?, ?>> calls = new ArrayList<>();

		/** What an interceptor of the connection throws. */
		@Nullable RuntimeException failure;

		private final List<Runnable> callbacks = new ArrayList<>();

		private ConnectivityState state = ConnectivityState.CONNECTING;

		private Runnable renewed = () -> {
		};

		void become(ConnectivityState state) {
			this.state = state;
			List<Runnable> due = List.copyOf(this.callbacks);
			this.callbacks.clear();
			due.forEach(Runnable::run);
		}

		/** Connect again to the same process, as after GOAWAY. */
		void renew() {
			this.renewed.run();
		}

		@Override
		public void onRenewed(Runnable listener) {
			this.renewed = listener;
		}

		boolean closed() {
			return this.state == ConnectivityState.SHUTDOWN;
		}

		@Override
		public ConnectivityState getState(boolean requestConnection) {
			return this.state;
		}

		@Override
		public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
			this.callbacks.add(callback);
		}

		@Override
		public ManagedChannel shutdown() {
			return shutdownNow();
		}

		@Override
		public ManagedChannel shutdownNow() {
			become(ConnectivityState.SHUTDOWN);
			return this;
		}

		@Override
		public boolean isShutdown() {
			return closed();
		}

		@Override
		public boolean isTerminated() {
			return closed();
		}

		@Override
		public boolean awaitTermination(long timeout, TimeUnit unit) {
			return closed();
		}

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			RuntimeException failure = this.failure;
			FakeCall<Q, R> call = new FakeCall<>() {

				@Override
				public void start(Listener<R> listener, Metadata headers) {
					if (failure != null) {
						throw failure;
					}
					super.start(listener, headers);
				}

			};
			this.calls.add(call);
			return call;
		}

		@Override
		public String authority() {
			return "fake";
		}

	}

}
