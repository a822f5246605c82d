package dev.pluggable.internal.supervisor;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.internal.endpoint.EndpointTarget;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import io.grpc.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Plugin} with fake processes, a fake endpoint and fake time.
 */
final class FakePlugin {

	static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);

	static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);

	static final EndpointSettings ENDPOINTS = new EndpointSettings(Duration.ofSeconds(5), Duration.ofSeconds(10),
			Duration.ofSeconds(3), DRAIN_TIMEOUT);

	static final Duration INITIAL_DELAY = Duration.ofMillis(100);

	final FakeHostThread host = new FakeHostThread();

	final FakeEndpoint endpoint = new FakeEndpoint();

	final List<FakeRun> runs = new ArrayList<>();

	/** The behaviour of the next processes. */
	Behaviour behaviour = Behaviour.MANUAL;

	/** Runs before each launch. */
	Runnable onLaunch = () -> {
	};

	final Plugin plugin;

	FakePlugin(RestartSettings restart) {
		this(restart, () -> 0.5);
	}

	FakePlugin(RestartSettings restart, DoubleSupplier random) {
		PluginSettings settings = PluginSettings.of("store", List.of("store"))
			.withTimeouts(START_TIMEOUT, STOP_TIMEOUT)
			.withRestart(restart);
		this.plugin = new Plugin(settings, this.endpoint, this::launch, this.host.thread(), ENDPOINTS, random);
	}

	private PluginRun launch(int number, PluginRun.Listener listener) {
		this.onLaunch.run();
		FakeRun run = new FakeRun(number, listener, this.behaviour);
		this.runs.add(run);
		run.begin();
		return run;
	}

	static RestartSettings restart(RestartSettings.Policy policy) {
		return new RestartSettings(policy, INITIAL_DELAY, Duration.ofSeconds(1), 0.2, 5, Duration.ofMinutes(1),
				Duration.ofSeconds(30), Duration.ofSeconds(10));
	}

	/**
	 * Start the plugin, and let its first process become ready.
	 */
	FakeRun ready() {
		start();
		return becomeReady();
	}

	/**
	 * Let the latest process become ready.
	 */
	FakeRun becomeReady() {
		FakeRun run = latest();
		run.handshake();
		this.endpoint.settle();
		return run;
	}

	FakeRun latest() {
		return this.runs.get(this.runs.size() - 1);
	}

	CompletableFuture<PluginStatus> start() {
		return call(Plugin::start);
	}

	CompletableFuture<PluginStatus> stop() {
		return call(Plugin::stop);
	}

	CompletableFuture<PluginStatus> restart() {
		return call(Plugin::restart);
	}

	CompletableFuture<PluginStatus> close() {
		return call(Plugin::close);
	}

	private CompletableFuture<PluginStatus> call(Function<Plugin, CompletionStage<PluginStatus>> action) {
		List<CompletionStage<PluginStatus>> result = new ArrayList<>();
		this.host.run(() -> result.add(action.apply(this.plugin)));
		return result.get(0).toCompletableFuture();
	}

	PluginState state() {
		return this.plugin.status().state();
	}

	@Nullable String reason() {
		return this.plugin.status().reason();
	}

	void advance(Duration duration) {
		this.host.advance(duration);
	}

	/**
	 * The behaviour of a process without events from the test.
	 */
	enum Behaviour {

		/** The test triggers all events except the exit of a killed process. */
		MANUAL,

		/** Becomes ready after 200 ms. */
		WELL,

		/** Exits without a handshake after 50 ms. */
		EXITS_EARLY,

		/** Sends a broken handshake after 50 ms. */
		BROKEN_HANDSHAKE,

		/** Never sends a handshake. */
		MUTE,

		/** Sends a handshake, and its components never finish {@code Init}. */
		HANGS_IN_INIT,

		/** Becomes ready and exits a second later. */
		CRASHES

	}

	/**
	 * A process.
	 */
	final class FakeRun implements PluginRun {

		/** The run whose place this one has taken. */
		@Nullable PluginRun replaced;

		final int number;

		final Behaviour behaviour;

		private final Listener listener;

		private @Nullable EndpointTarget target;

		private boolean exited;

		boolean gone;

		boolean killed;

		/** Whether somebody asked the process to end. */
		boolean asked;

		boolean ignoresEnd;

		boolean servesTls;

		boolean answers = true;

		/** Whether a killed process stays until the test lets it exit. */
		boolean lingers;

		/** The time from a kill to the exit of the process. */
		Duration dies = Duration.ofMillis(1);

		/** Whether the endpoint was settled on the process. */
		boolean wasReady;

		/** When the process exited or was killed. */
		long ended;

		List<BrokeredConnection> dialed = List.of();

		List<String> output = List.of();

		FakeRun(int number, Listener listener, Behaviour behaviour) {
			this.number = number;
			this.listener = listener;
			this.behaviour = behaviour;
		}

		private void begin() {
			switch (this.behaviour) {
				case MANUAL -> {
				}
				case EXITS_EARLY -> after(Duration.ofMillis(50), () -> failLaunch("no handshake", 3));
				case BROKEN_HANDSHAKE -> after(Duration.ofMillis(50), () -> failLaunch("a broken handshake", 137));
				// The launcher itself limits the wait for the handshake.
				case MUTE -> after(START_TIMEOUT, () -> failLaunch("no handshake in time", 137));
				case HANGS_IN_INIT -> after(Duration.ofMillis(100), this::handshake);
				case WELL, CRASHES -> {
					after(Duration.ofMillis(100), this::handshake);
					after(Duration.ofMillis(200), FakePlugin.this.endpoint::settle);
					if (this.behaviour == Behaviour.CRASHES) {
						after(Duration.ofMillis(1200), () -> exit(3));
					}
				}
			}
		}

		private void after(Duration delay, Runnable task) {
			FakePlugin.this.host.thread().schedule("acting as process " + this.number, delay, () -> {
				if (!this.exited) {
					task.run();
				}
			});
		}

		void handshake() {
			this.target = new EndpointTarget(new InetSocketAddress("127.0.0.1", 1000 + this.number),
					"store#" + this.number, null, Attributes.EMPTY);
			this.listener.launched(this);
			FakePlugin.this.host.runDue();
		}

		/**
		 * Let the launch fail after the process has exited.
		 */
		void failLaunch(String reason, int code) {
			failLaunch(reason, code, false);
		}

		void failLaunch(String reason, int code, boolean lasting) {
			markExited();
			this.listener.failed(this, reason, lasting);
			goneWith(code);
		}

		/**
		 * Let the process exit and close its output.
		 */
		void exit(int code) {
			exitOnly(code);
			goneWith(code);
		}

		/**
		 * Let the process exit while its output is still open.
		 */
		void exitOnly(int code) {
			markExited();
			FakePlugin.this.endpoint.lose(this.target);
			if (this.target != null) {
				this.listener.exited(this, code);
			}
			FakePlugin.this.host.runDue();
		}

		void goneWith(int code) {
			if (!this.gone) {
				this.gone = true;
				this.listener.gone(this, code);
				FakePlugin.this.host.runDue();
			}
		}

		void disconnect() {
			this.listener.disconnected(this);
			FakePlugin.this.host.runDue();
		}

		/** Let the process exit before its plugin hears of the exit. */
		void exitUnnoticed() {
			markExited();
		}

		private void markExited() {
			this.exited = true;
			this.ended = this.killed ? this.ended : FakePlugin.this.host.time().nanos();
		}

		@Override
		public @Nullable EndpointTarget target() {
			return this.target;
		}

		@Override
		public boolean hasExited() {
			return this.exited;
		}

		@Override
		public CompletionStage<Boolean> ping(Duration timeout) {
			CompletableFuture<Boolean> answer = new CompletableFuture<>();
			FakePlugin.this.host.thread()
				.schedule("answering a ping", this.answers ? Duration.ofMillis(1) : timeout,
						() -> answer.complete(this.answers && !this.exited));
			return answer;
		}

		@Override
		public void replace(PluginRun previous) {
			this.replaced = previous;
		}

		@Override
		public void end(Duration grace) {
			if (!this.asked) {
				this.asked = true;
				after(this.ignoresEnd ? grace : Duration.ofMillis(10), () -> exit(this.ignoresEnd ? 137 : 0));
			}
		}

		@Override
		public void kill() {
			if (!this.killed && !this.exited) {
				this.ended = FakePlugin.this.host.time().nanos();
			}
			this.killed = true;
			if (!this.lingers) {
				after(this.dies, () -> exit(137));
			}
		}

		@Override
		public void leave() {
			throw new AssertionError("The host has started this process");
		}

		@Override
		public Details details() {
			return new Details((this.target != null) ? 100L + this.number : null, null, null, false, false, null,
					List.of(), this.dialed);
		}

		@Override
		public List<String> lastOutput() {
			return this.output;
		}

		@Override
		public @Nullable String lastWords() {
			return this.output.isEmpty() ? null : this.output.get(this.output.size() - 1);
		}

		@Override
		public boolean isAlive() {
			return !this.exited;
		}

		@Override
		public CompletionStage<Boolean> servesTls() {
			return CompletableFuture.completedFuture(this.servesTls);
		}

		@Override
		public String toString() {
			return "process " + this.number;
		}

	}

	/**
	 * An endpoint that the test settles.
	 */
	final class FakeEndpoint implements PluginEndpoint {

		final List<String> calls = new ArrayList<>();

		/** Targets with calls in flight. */
		final Set<EndpointTarget> busy = new HashSet<>();

		@Nullable EndpointTarget wanted;

		private @Nullable EndpointTarget connected;

		boolean componentsReady = true;

		EndpointState state = EndpointState.WAITING;

		String reason = "";

		@Nullable String problem;

		boolean needsDeclaration;

		/**
		 * Report that the services and the outcome of each {@code Init} are known.
		 */
		void settle() {
			this.connected = this.wanted;
			FakePlugin.this.runs.stream()
				.filter((run) -> this.connected != null && this.connected.equals(run.target()))
				.forEach((run) -> run.wasReady = true);
			this.state = (this.connected != null) ? EndpointState.READY : EndpointState.WAITING;
			FakePlugin.this.host.run(FakePlugin.this.plugin::endpointChanged);
		}

		void lose(@Nullable EndpointTarget target) {
			this.busy.remove(target);
			if (target != null && target.equals(this.connected)) {
				this.connected = null;
			}
		}

		@Override
		public void start() {
			this.calls.add("start");
		}

		@Override
		public void stop(String reason) {
			this.calls.add("stop");
			disconnect(EndpointState.WAITING, reason);
		}

		@Override
		public void waitFor(String what) {
			this.reason = what;
		}

		@Override
		public void connect(EndpointTarget target) {
			this.calls.add("connect");
			this.problem = null;
			this.wanted = target;
		}

		@Override
		public void prepare(EndpointTarget target) {
			this.calls.add("prepare");
			this.problem = null;
			this.wanted = target;
		}

		@Override
		public void handOver() {
			this.calls.add("handOver");
		}

		@Override
		public void abandon(String reason) {
			this.calls.add("abandon");
			disconnect(EndpointState.WAITING, reason);
		}

		@Override
		public void awaitProcess(String reason) {
			this.calls.add("awaitProcess");
			disconnect(EndpointState.WAITING, reason);
		}

		@Override
		public void fail(String reason) {
			this.calls.add("fail");
			disconnect(EndpointState.FAILED, reason);
		}

		private void disconnect(EndpointState state, String reason) {
			this.wanted = null;
			this.connected = null;
			this.state = state;
			this.reason = reason;
		}

		@Override
		public void revert(EndpointTarget target) {
			this.calls.add("revert");
			this.wanted = target;
			this.connected = target;
		}

		@Override
		public boolean isSettledOn(EndpointTarget target) {
			return target.equals(this.connected);
		}

		@Override
		public boolean isReadyOn(EndpointTarget target) {
			return target.equals(this.connected) && this.componentsReady;
		}

		@Override
		public boolean isConnectedTo(EndpointTarget target) {
			return this.busy.contains(target);
		}

		/**
		 * Let an attempt to connect fail.
		 */
		void failToConnect(String problem) {
			this.problem = problem;
			FakePlugin.this.host.run(FakePlugin.this.plugin::endpointChanged);
		}

		@Override
		public @Nullable String problem() {
			return this.problem;
		}

		@Override
		public boolean needsDeclaration() {
			return this.needsDeclaration;
		}

		@Override
		public EndpointStatus status() {
			return new EndpointStatus("store", null, null, this.state, this.reason,
					FakePlugin.this.host.time().instant(), 0, null, 0,
					this.componentsReady ? null : "Init of 'orders' failed", Set.of(), ProbeResult.NONE);
		}

	}

}
