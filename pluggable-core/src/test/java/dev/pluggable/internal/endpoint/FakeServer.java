package dev.pluggable.internal.endpoint;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.FakeCall;
import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.internal.transport.ConnectionListener;
import dev.pluggable.transport.PeerCredentials;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * A fake server for an endpoint, without a socket and with fake deadlines.
 */
final class FakeServer implements Connector {

	static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

	static final Duration INIT_TIMEOUT = Duration.ofSeconds(3);

	/** How the server treats a new connection. */
	enum Mode {

		DOWN, SILENT, SERVING, BROKEN, WITHOUT_REFLECTION, REFUSING

	}

	/** How the server treats {@code Init}. */
	enum Init {

		SUCCEEDS, FAILS, UNIMPLEMENTED, SILENT, NEVER_ENDS, THROWS

	}

	final FakeHostThread host;

	/** All connections that were ever opened. */
	final List<Connection> connections = new ArrayList<>();

	Mode mode = Mode.SERVING;

	Init init = Init.SUCCEEDS;

	Set<String> services = Set.of("test.A", "test.B");

	/** Runs whenever the endpoint begins to listen for the loss of a connection. */
	Runnable onListen = () -> {
	};

	/** Whether calls of the application keep a draining connection open. */
	boolean busy;

	FakeServer(FakeHostThread host) {
		this.host = host;
	}

	static EndpointTarget target(String identity) {
		return new EndpointTarget(InetSocketAddress.createUnresolved(identity, 1), identity, null, Attributes.EMPTY);
	}

	Connection latest() {
		return this.connections.get(this.connections.size() - 1);
	}

	@Override
	public ManagedChannel connect(String endpoint, EndpointTarget target, ConnectionListener listener) {
		Connection connection = new Connection(this.connections.size(), target, listener);
		this.connections.add(connection);
		return connection;
	}

	@Override
	public CompletionStage<Set<String>> services(Channel channel) {
		return connection(channel).askedForServices();
	}

	@Override
	public boolean isListening(EndpointTarget target) {
		return this.mode != Mode.DOWN;
	}

	Connection connection(Channel channel) {
		return this.connections.get(Integer.parseInt(channel.authority()));
	}

	/**
	 * A connection to the server, which is also its own channel.
	 */
	final class Connection extends ManagedChannel {

		final EndpointTarget target;

		final CompletableFuture<Set<String>> identification = new CompletableFuture<>();

		final Map<String, CompletableFuture<Set<String>>> inits = new LinkedHashMap<>();

		/** The calls of components. */
		final List<FakeCall<?, ?>> calls = new ArrayList<>();

		private final int number;

		private final ConnectionListener listener;

		private final List<Runnable> stateListeners = new ArrayList<>();

		private ConnectivityState state = ConnectivityState.IDLE;

		private boolean shutdown;

		private boolean goingAway;

		/** Whether the connection itself has ended. */
		boolean ended;

		Connection(int number, EndpointTarget target, ConnectionListener listener) {
			this.number = number;
			this.target = target;
			this.listener = listener;
		}

		private CompletableFuture<Set<String>> askedForServices() {
			switch (FakeServer.this.mode) {
				case DOWN -> fail(Status.UNAVAILABLE.withCause(new ConnectException("Connection refused")));
				case REFUSING -> refuse("uid 7 is not allowed");
				case BROKEN -> fail(Status.INTERNAL.withDescription("broken"));
				case SERVING -> identify(FakeServer.this.services);
				case WITHOUT_REFLECTION -> {
					accept();
					fail(Status.UNIMPLEMENTED);
				}
				case SILENT -> {
					accept();
					FakeServer.this.host.thread()
						.schedule("missing a deadline", CONNECT_TIMEOUT, () -> fail(Status.DEADLINE_EXCEEDED));
				}
			}
			return this.identification;
		}

		private void accept() {
			this.listener.connected(new PeerCredentials(0, 1L, "root"));
			changeState(ConnectivityState.READY);
		}

		/** Answer the request for services. */
		void identify(Set<String> services) {
			if (this.state == ConnectivityState.IDLE) {
				accept();
			}
			this.identification.complete(services);
		}

		/** Whether the request for services was answered or has failed. */
		boolean identified() {
			return this.identification.isDone();
		}

		/** Fail the request for services. */
		void fail(Status status) {
			this.identification.completeExceptionally(status.asRuntimeException());
		}

		void refuse(String reason) {
			this.listener.refused(reason);
			fail(Status.UNAVAILABLE.withDescription("refused"));
		}

		CompletableFuture<Set<String>> initialize(String component) {
			if (this.inits.containsKey(component)) {
				throw new AssertionError("Two Init at once for " + component + " on connection " + this.number);
			}
			if (FakeServer.this.init == Init.THROWS) {
				throw new IllegalStateException("the kind throws");
			}
			CompletableFuture<Set<String>> outcome = new CompletableFuture<>();
			this.inits.put(component, outcome);
			outcome.whenComplete((features, failure) -> this.inits.remove(component));
			if (this.ended || this.shutdown) {
				outcome.completeExceptionally(Status.UNAVAILABLE.asRuntimeException());
				return outcome;
			}
			switch (FakeServer.this.init) {
				case SUCCEEDS -> outcome.complete(Set.of("FEATURE"));
				case FAILS -> outcome.completeExceptionally(Status.INTERNAL.withDescription("no").asRuntimeException());
				case UNIMPLEMENTED -> outcome.completeExceptionally(Status.UNIMPLEMENTED.asRuntimeException());
				// The calls of the kind miss their deadline, and the future of the kind
				// never completes.
				case NEVER_ENDS -> FakeServer.this.host.thread()
					.schedule("missing a deadline", INIT_TIMEOUT, () -> this.inits.remove(component, outcome));
				default -> FakeServer.this.host.thread()
					.schedule("missing a deadline", INIT_TIMEOUT,
							() -> outcome.completeExceptionally(Status.DEADLINE_EXCEEDED.asRuntimeException()));
			}
			return outcome;
		}

		/** Close the connection, as a process does at its end. */
		void end() {
			if (!this.ended) {
				this.ended = true;
				changeState(ConnectivityState.TRANSIENT_FAILURE);
				failCalls();
				this.listener.closed();
			}
		}

		/**
		 * Let the process refuse new calls on the connection and finish the calls in
		 * flight ({@code GOAWAY}).
		 */
		void goAway() {
			if (!this.ended && this.state == ConnectivityState.READY) {
				this.goingAway = true;
				this.listener.goingAway();
			}
		}

		/** Let the channel connect again to the same process. */
		void renew() {
			if (this.goingAway && !this.ended) {
				this.goingAway = false;
				this.listener.renewed();
			}
		}

		/** Let the channel find another process, or none, when it connects again. */
		void retire() {
			if (this.goingAway && !this.ended) {
				this.goingAway = false;
				this.listener.retired();
				changeState(ConnectivityState.TRANSIENT_FAILURE);
			}
		}

		private void callEnded() {
			if (this.shutdown && isIdle()) {
				shutdownNow();
			}
		}

		private boolean isIdle() {
			return !FakeServer.this.busy && this.inits.isEmpty() && this.calls.stream().allMatch((call) -> call.ended);
		}

		private void failCalls() {
			this.calls.forEach((call) -> call.end(Status.UNAVAILABLE.withDescription("Connection closed")));
			fail(Status.UNAVAILABLE.withDescription("Connection closed"));
			List.copyOf(this.inits.values())
				.forEach((init) -> init.completeExceptionally(Status.UNAVAILABLE.asRuntimeException()));
		}

		private void changeState(ConnectivityState next) {
			if (this.state != ConnectivityState.SHUTDOWN && this.state != next) {
				this.state = next;
				List<Runnable> listeners = List.copyOf(this.stateListeners);
				this.stateListeners.clear();
				listeners.forEach(Runnable::run);
			}
		}

		@Override
		public ManagedChannel shutdown() {
			if (!this.shutdown) {
				this.shutdown = true;
				changeState(ConnectivityState.SHUTDOWN);
				if (isIdle()) {
					shutdownNow();
				}
			}
			return this;
		}

		@Override
		public ManagedChannel shutdownNow() {
			this.shutdown = true;
			changeState(ConnectivityState.SHUTDOWN);
			if (!this.ended) {
				this.ended = true;
				failCalls();
				this.listener.closed();
			}
			return this;
		}

		@Override
		public boolean isShutdown() {
			return this.shutdown;
		}

		@Override
		public boolean isTerminated() {
			return this.shutdown && this.ended;
		}

		@Override
		public boolean awaitTermination(long timeout, TimeUnit unit) {
			return isTerminated();
		}

		@Override
		public ConnectivityState getState(boolean requestConnection) {
			return this.state;
		}

		@Override
		public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
			FakeServer.this.onListen.run();
			if (this.state != source) {
				callback.run();
			}
			else {
				this.stateListeners.add(callback);
			}
		}

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			FakeCall<Q, R> call = new FakeCall<>(this::callEnded);
			this.calls.add(call);
			return call;
		}

		@Override
		public String authority() {
			return Integer.toString(this.number);
		}

		@Override
		public String toString() {
			return "connection " + this.number + " to " + this.target.identity();
		}

	}

}
