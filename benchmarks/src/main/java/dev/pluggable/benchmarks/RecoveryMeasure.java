package dev.pluggable.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import io.grpc.StatusRuntimeException;

/**
 * Measures the time from the moment at which a killed component listens again to the
 * first successful call, and counts the outcomes of the calls in progress.
 */
final class RecoveryMeasure implements Measure {

	private static final int CALLERS = 16;

	private static final List<String> JVM = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

	@Override
	public void run(Scale scale, Report report) throws Exception {
		folder(scale, report);
		launched(scale, report);
	}

	/**
	 * Measure components that the application launches itself.
	 */
	private static void launched(Scale scale, Report report) throws Exception {
		Table table = report.table("Recovery from kill -9, launched components",
				"Milliseconds from the kill to the first successful call, in three parts: until the next process "
						+ "exists (including the delay before a restart, 100 on average), the start of that process, and "
						+ "from the moment at which it listens to the first success. 'ours' is the sum without the start "
						+ "of the process. The component warms up before it listens, as part of its start.");
		Table fates = report.table("Calls in progress at kill -9 of a launched component",
				CALLERS + " callers read or write without pause; sums over all kills.");
		List<Double> noticed = new ArrayList<>();
		List<Double> started = new ArrayList<>();
		List<Double> answered = new ArrayList<>();
		List<Double> ours = new ArrayList<>();
		Fate fate = new Fate();
		int kills = kills(scale);
		ExecutorService threads = Executors.newCachedThreadPool();
		try (WorkFolder folder = new WorkFolder()) {
			Path times = folder.resolve("times");
			List<String> command = new ArrayList<>(List.of(ServerProcess.java().toString()));
			command.addAll(JVM);
			command.addAll(List.of("-cp", System.getProperty("java.class.path"), LaunchedComponent.class.getName(),
					times.toString()));
			RestartSettings restart = RestartSettings.defaults();
			PluginSettings plugin = PluginSettings.of("killed", command)
				.withProtocol(PluginProtocol.SOCKET)
				.withRestart(new RestartSettings(restart.policy(), restart.initialDelay(), restart.initialDelay(),
						restart.jitter(), 0, restart.crashLoopWindow(), restart.resetAfter(), restart.hangTimeout()));
			try (ComponentHost host = new ComponentHost(HostSettings.defaults()
				.withPlugins(List.of(plugin))
				.withPluginDirectory(folder.folder("p"))
				.withDeclarations(List.of(new ComponentDeclaration("store", ComponentType.of("state.killed"), true,
						Map.of(), HostSettings.defaultComponentSettings()))))) {
				host.start();
				host.awaitRequired(Duration.ofSeconds(30));
				StateStore store = host.registry().find(StateStoreKind.INSTANCE, "store").orElseThrow().instance();
				// The first recovery does not count because it loads classes.
				for (int i = -1; i < kills; i++) {
					store.set("key", new byte[100]);
					ProcessHandle process = host.plugins()
						.status("killed")
						.map(PluginStatus::pid)
						.flatMap(ProcessHandle::of)
						.orElseThrow();
					AtomicLong killed = new AtomicLong();
					kill(store, () -> {
						killed.set(System.nanoTime());
						process.destroyForcibly();
					}, threads, (i < 0) ? new Fate() : fate);
					long success = firstSuccess(() -> store.set("key", new byte[100]));
					String[] told = Files.readString(times).split(" ");
					long start = Long.parseLong(told[0]);
					long listening = Long.parseLong(told[1]);
					if (i >= 0) {
						noticed.add((start - killed.get()) / 1e6);
						started.add((listening - start) / 1e6);
						answered.add((success - listening) / 1e6);
						ours.add((success - listening + start - killed.get()) / 1e6);
					}
				}
			}
		}
		finally {
			threads.shutdownNow();
		}
		table.row("kills", kills, "until the next process", millis(noticed), "its own start", millis(started),
				"listens to first success", millis(answered), "ours", millis(ours), "worst of ours",
				ours.stream().max(Double::compare).orElseThrow());
		fates.row("succeeded before", fate.succeeded.get(), "reported as not applied", fate.notApplied.get(),
				"reported as possibly applied", fate.mayBeApplied.get(), "other failures", fate.other.get(),
				"longest until the caller knew (ms)", fate.longestNanos.get() / 1e6);
		report.aims()
			.add(Aim.atMost("recovery of a launched component beyond its own start, p50", 300, " ms",
					millis(ours).median()));
	}

	private static int kills(Scale scale) {
		return scale.quick() ? Math.min(4, scale.rounds()) : 20;
	}

	private static Spread millis(List<Double> values) {
		return Spread.of(values, (millis) -> millis);
	}

	/**
	 * Measure components in a folder, which somebody else launches.
	 */
	private static void folder(Scale scale, Report report) throws Exception {
		Table table = report.table("Recovery from kill -9, components in a folder",
				"Milliseconds from the moment at which the new process listens to the first success of a repeated "
						+ "call; 'noticed' is the time from the kill to the end of the last call in progress. The channel "
						+ "by hand uses the same socket and gRPC's own reconnection. The component warms up before it "
						+ "listens, so its first steps do not count.");
		Table fates = report.table("Calls in progress at kill -9",
				CALLERS + " callers read or write without pause; sums over all kills.");
		List<Double> proxied = new ArrayList<>();
		List<Double> bare = new ArrayList<>();
		List<Double> noticed = new ArrayList<>();
		Fate fate = new Fate();
		int kills = kills(scale);
		try (WorkFolder folder = new WorkFolder(); BareChannels channels = new BareChannels()) {
			Path sockets = folder.folder("s");
			Path socket = sockets.resolve("killed.sock");
			Path pingPong = folder.resolve("ping-pong");
			ExecutorService threads = Executors.newCachedThreadPool();
			ServerProcess process = ServerProcess.start(BareComponent.class, JVM, socket.toString(),
					pingPong.toString());
			try (ComponentHost host = new ComponentHost(HostSettings.defaults()
				.withSocketFolders(Set.of(sockets))
				.withDeclarations(List.of(new ComponentDeclaration("store", ComponentType.of("state.killed"), true,
						Map.of(), HostSettings.defaultComponentSettings()))))) {
				host.start();
				host.awaitRequired(Duration.ofSeconds(30));
				StateStore store = host.registry().find(StateStoreKind.INSTANCE, "store").orElseThrow().instance();
				StateCalls stub = StateCalls.byHand(channels.unix(socket));
				// The first recovery does not count because it loads classes.
				for (int i = -1; i < kills; i++) {
					store.set("key", new byte[100]);
					stub.set("key", new byte[100]);
					double unnoticed = kill(store, process::close, threads, (i < 0) ? new Fate() : fate);
					Future<Long> byProxy = threads.submit(() -> firstSuccess(() -> store.set("key", new byte[100])));
					Future<Long> byStub = threads.submit(() -> firstSuccess(() -> stub.set("key", new byte[100])));
					process = ServerProcess.start(BareComponent.class, JVM, socket.toString(), pingPong.toString(),
							BareComponent.WARM);
					long listening = Long.parseLong(process.details().split(" ")[1]);
					double proxyMillis = (byProxy.get() - listening) / 1e6;
					double stubMillis = (byStub.get() - listening) / 1e6;
					if (i >= 0) {
						noticed.add(unnoticed);
						proxied.add(proxyMillis);
						bare.add(stubMillis);
					}
				}
			}
			finally {
				process.close();
				threads.shutdownNow();
			}
		}
		table.row("by", "proxy", "kills", kills, "ms", Spread.of(proxied, (millis) -> millis), "worst",
				proxied.stream().max(Double::compare).orElseThrow(), "noticed", Spread.of(noticed, (millis) -> millis));
		table.row("by", "channel by hand", "kills", kills, "ms", Spread.of(bare, (millis) -> millis), "worst",
				bare.stream().max(Double::compare).orElseThrow(), "noticed", "");
		fates.row("succeeded before", fate.succeeded.get(), "reported as not applied", fate.notApplied.get(),
				"reported as possibly applied", fate.mayBeApplied.get(), "other failures", fate.other.get(),
				"longest until the caller knew (ms)", fate.longestNanos.get() / 1e6);
		report.aims()
			.add(Aim.atMost("recovery after the socket listens again, p50", 50, " ms",
					Spread.of(proxied, (millis) -> millis).median()));
	}

	/**
	 * Kill the component during calls.
	 * @return milliseconds from the kill to the end of the last call in progress
	 */
	private static double kill(StateStore store, Runnable kill, ExecutorService threads, Fate fate) throws Exception {
		CountDownLatch calling = new CountDownLatch(CALLERS);
		AtomicLong killed = new AtomicLong(Long.MAX_VALUE);
		List<CompletableFuture<Void>> ends = new ArrayList<>();
		for (int i = 0; i < CALLERS; i++) {
			boolean set = i % 2 == 0;
			ends.add(CompletableFuture.runAsync(() -> call(store, set, calling, killed, fate), threads));
		}
		calling.await();
		long now = System.nanoTime();
		killed.set(now);
		kill.run();
		CompletableFuture.allOf(ends.toArray(new CompletableFuture<?>[0])).get(30, TimeUnit.SECONDS);
		return (System.nanoTime() - now) / 1e6;
	}

	private static void call(StateStore store, boolean set, CountDownLatch calling, AtomicLong killed, Fate fate) {
		boolean first = true;
		while (true) {
			try {
				if (set) {
					store.set("key", new byte[100]);
				}
				else {
					store.get("key");
				}
				fate.succeeded.incrementAndGet();
				if (first) {
					first = false;
					calling.countDown();
				}
			}
			catch (ComponentUnavailableException ex) {
				(ex.mayHaveBeenApplied() ? fate.mayBeApplied : fate.notApplied).incrementAndGet();
				fate.ended(System.nanoTime() - killed.get());
				return;
			}
			catch (RuntimeException ex) {
				fate.other.incrementAndGet();
				fate.ended(System.nanoTime() - killed.get());
				return;
			}
		}
	}

	/**
	 * Repeat a call until it succeeds, and return the time of the success.
	 */
	private static long firstSuccess(Runnable call) throws InterruptedException {
		while (true) {
			try {
				call.run();
				return System.nanoTime();
			}
			catch (ComponentUnavailableException | StatusRuntimeException ex) {
				TimeUnit.MICROSECONDS.sleep(500);
			}
		}
	}

	/**
	 * The outcomes of calls.
	 */
	private static final class Fate {

		private final AtomicInteger succeeded = new AtomicInteger();

		private final AtomicInteger notApplied = new AtomicInteger();

		private final AtomicInteger mayBeApplied = new AtomicInteger();

		private final AtomicInteger other = new AtomicInteger();

		private final AtomicLong longestNanos = new AtomicLong();

		void ended(long nanos) {
			this.longestNanos.accumulateAndGet(nanos, Math::max);
		}

	}

}
