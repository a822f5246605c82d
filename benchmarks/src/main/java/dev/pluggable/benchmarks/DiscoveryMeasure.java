package dev.pluggable.benchmarks;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import io.grpc.Server;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;

/**
 * How long it takes from a socket to a bean, with one socket and with many, and what
 * endpoints cost that have nothing to do.
 */
final class DiscoveryMeasure implements Measure {

	private static final String HOST = "host";

	private static final String STUB = "bare channel";

	private static final int[] COUNTS = { 1, 100, 1000 };

	private static final long PATIENCE_SECONDS = 60;

	@Override
	public void run(Scale scale, Report report) throws Exception {
		appear(scale, report);
		try (WorkFolder folder = new WorkFolder()) {
			List<String> arguments = new ArrayList<>();
			for (int count : COUNTS) {
				arguments.addAll(List.of(sockets(folder, count).toString(), Integer.toString(count)));
			}
			try (ServerProcess process = ServerProcess.start(ManySockets.class, List.of("-Xmx1g"),
					arguments.toArray(String[]::new))) {
				start(scale, folder, report);
				idle(scale, folder, report);
			}
		}
	}

	private static Path sockets(WorkFolder folder, int count) throws IOException {
		return folder.folder("s" + count);
	}

	private static void appear(Scale scale, Report report) throws Exception {
		Table table = report.table("A socket appears",
				"Milliseconds from where the component listens until the first call through the injected object "
						+ "succeeds; and until one succeeds on a channel that is made by hand at that moment.");
		try (WorkFolder folder = new WorkFolder(); BareServers servers = new BareServers()) {
			Path sockets = folder.folder("s");
			Path socket = sockets.resolve("late.sock");
			ComponentSettings patient = new ComponentSettings(Duration.ofSeconds(5), Duration.ofSeconds(5),
					Duration.ofSeconds(30), BareChannels.LARGEST_MESSAGE);
			try (ComponentHost host = new ComponentHost(HostSettings.defaults()
				.withSocketFolders(Set.of(sockets))
				.withDeclarations(List
					.of(new ComponentDeclaration("store", ComponentType.of("state.late"), true, Map.of(), patient))))) {
				host.start();
				StateStore store = host.registry().find(StateStoreKind.INSTANCE, "store").orElseThrow().instance();
				Turns<Double> turns = new Turns<>();
				turns.add(STUB, () -> {
					Path other = folder.resolve("other.sock");
					try (BareChannels channels = new BareChannels(); AutoCloseable server = serve(servers, other)) {
						long begun = System.nanoTime();
						StateCalls.byHand(channels.unix(other)).set("key", new byte[1]);
						return millis(begun);
					}
				});
				turns.add(HOST, () -> {
					try (AutoCloseable server = serve(servers, socket)) {
						long begun = System.nanoTime();
						store.set("key", new byte[1]);
						return millis(begun);
					}
					finally {
						await(() -> host.registry()
							.find(StateStoreKind.INSTANCE, "store")
							.orElseThrow()
							.status()
							.state() != ComponentState.READY);
					}
				});
				turns.run(scale);
				for (String name : turns.names()) {
					table.row("by", name, "ms", turns.figure(name, (millis) -> millis), "ratio",
							turns.ratio(name, STUB, (millis) -> millis));
				}
			}
		}
	}

	private static AutoCloseable serve(BareServers servers, Path socket) throws IOException {
		Server server = servers.unix(socket)
			.addService(new BareComponent())
			.addService(ProtoReflectionServiceV1.newInstance())
			.directExecutor()
			.build()
			.start();
		return () -> server.shutdownNow().awaitTermination();
	}

	private static void start(Scale scale, WorkFolder folder, Report report) throws Exception {
		Table table = report.table("Start with many sockets",
				"Milliseconds from the start of the host until components are ready: the one in the middle, the last, "
						+ "with another socket that hangs and without. By hand: a channel for each socket, and one call "
						+ "on each, all at once.");
		for (int count : COUNTS) {
			Path sockets = sockets(folder, count);
			for (boolean hanging : scale.quick() ? new boolean[] { true } : new boolean[] { false, true }) {
				Turns<Arrivals> turns = new Turns<>();
				turns.add(STUB, () -> byHand(sockets, count));
				turns.add(HOST, () -> {
					try (ComponentHost host = host(sockets)) {
						return arrivals(host, count);
					}
				});
				try (AutoCloseable silent = hanging ? listen(sockets.resolve("hanging.sock")) : () -> {
				}) {
					turns.run(scale.withRounds(Math.min(scale.quick() ? 2 : 5, scale.rounds()))
						.withWarmUp(Duration.ofMillis(1)));
				}
				for (String name : turns.names()) {
					table.row("sockets", count, "one hangs", hanging ? "yes" : "no", "by", name, "middle",
							turns.figure(name, Arrivals::middle), "last", turns.figure(name, Arrivals::last), "ratio",
							turns.ratio(name, STUB, Arrivals::last));
				}
				if (count == 1000 && hanging) {
					report.aims()
						.add(Aim.atMost("1,000 sockets at the start, one hanging", 5000, " ms",
								turns.figure(HOST, Arrivals::last).median()));
				}
			}
		}
	}

	/**
	 * Listen, and never say anything.
	 */
	private static AutoCloseable listen(Path socket) throws IOException {
		ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		server.bind(UnixDomainSocketAddress.of(socket));
		return () -> {
			server.close();
			Files.delete(socket);
		};
	}

	private static ComponentHost host(Path sockets) {
		return new ComponentHost(HostSettings.defaults().withSocketFolders(Set.of(sockets)));
	}

	private static Arrivals arrivals(ComponentHost host, int count) throws Exception {
		ConcurrentLinkedQueue<Double> arrivals = new ConcurrentLinkedQueue<>();
		CountDownLatch all = new CountDownLatch(count);
		long[] begun = new long[1];
		host.registry().onEvent((event) -> {
			if (event.status().state() == ComponentState.READY && event.component().endpoint() != null) {
				arrivals.add(millis(begun[0]));
				all.countDown();
			}
		});
		begun[0] = System.nanoTime();
		host.start();
		if (!all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
			throw new IllegalStateException(all.getCount() + " of " + count + " components did not become ready");
		}
		return Arrivals.of(new ArrayList<>(arrivals));
	}

	private static Arrivals byHand(Path sockets, int count) throws Exception {
		try (BareChannels channels = new BareChannels()) {
			ConcurrentLinkedQueue<Double> arrivals = new ConcurrentLinkedQueue<>();
			CountDownLatch all = new CountDownLatch(count);
			long begun = System.nanoTime();
			for (int i = 0; i < count; i++) {
				Futures.addCallback(StateStoreGrpc.newFutureStub(channels.unix(sockets.resolve(ManySockets.name(i))))
					.init(StateProto.InitRequest.getDefaultInstance()), new FutureCallback<>() {

						@Override
						public void onSuccess(StateProto.InitResponse response) {
							arrivals.add(millis(begun));
							all.countDown();
						}

						@Override
						public void onFailure(Throwable failure) {
							// It is missed at the end.
						}

					}, MoreExecutors.directExecutor());
			}
			if (!all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException(all.getCount() + " of " + count + " calls did not succeed");
			}
			return Arrivals.of(new ArrayList<>(arrivals));
		}
	}

	private static void idle(Scale scale, WorkFolder folder, Report report) throws Exception {
		int count = COUNTS[COUNTS.length - 1];
		Path sockets = sockets(folder, count);
		// Whole intervals of the probes: in less there may be none.
		Duration time = HostSettings.defaults().endpoints().probeInterval().multipliedBy(scale.quick() ? 1 : 6);
		Table table = report.table("Endpoints with nothing to do", String.format(Locale.ROOT,
				"%,d endpoints, each with a component whose Ping is called as by default (each 10 s), for %d s. The "
						+ "heap is what is left after a collection, above that of a host without sockets. The processor "
						+ "is that of Java's threads; how long the JVM's compiler goes on is shown beside it. What "
						+ "is allocated is all that the collector has to clear away.",
				count, time.toSeconds()));
		warmUp(sockets, count, scale);
		// Nothing is probed here, so that any time shows what there is.
		Idle without = Idle.measure(folder.folder("e"), 0, Duration.ofSeconds(scale.quick() ? 2 : 10));
		Idle with = Idle.measure(sockets, count, time);
		double heap = (with.heap() - without.heap()) / 1024 / count;
		table.row("endpoints", 0, "% of a core", without.processor() * 100, "with the JVM's own",
				without.process() * 100, "threads", without.threads(), "heap KiB each", 0, "processor us each a minute",
				0, "allocated KiB each a minute", 0);
		table.row("endpoints", count, "% of a core", with.processor() * 100, "with the JVM's own", with.process() * 100,
				"threads", with.threads(), "heap KiB each", heap, "processor us each a minute",
				(with.processor() - without.processor()) * 60 * 1e6 / count, "allocated KiB each a minute",
				(with.allocated() - without.allocated()) * 60 / 1024 / count);
		report.aims().add(Aim.atMost("1,000 idle endpoints: processor", 1, " % of a core", with.processor() * 100));
		report.aims().add(Aim.atMost("1,000 idle endpoints: heap", 100, " KiB each", heap));
	}

	/**
	 * Probe often, for a while, so that it is not the compiler that is measured.
	 */
	private static void warmUp(Path sockets, int count, Scale scale) throws Exception {
		EndpointSettings often = new EndpointSettings(Duration.ofSeconds(5), Duration.ofMillis(500),
				Duration.ofSeconds(1), Duration.ofSeconds(10));
		try (ComponentHost host = new ComponentHost(
				HostSettings.defaults().withSocketFolders(Set.of(sockets)).withEndpoints(often))) {
			arrivals(host, count);
			TimeUnit.SECONDS.sleep(scale.quick() ? 2 : 15);
		}
	}

	private static double millis(long begun) {
		return (System.nanoTime() - begun) / 1e6;
	}

	private static void await(Condition condition) throws Exception {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
		while (!condition.holds()) {
			if (System.nanoTime() > deadline) {
				throw new IllegalStateException("What was waited for did not come");
			}
			TimeUnit.MILLISECONDS.sleep(1);
		}
	}

	private interface Condition {

		boolean holds();

	}

	/**
	 * When components became ready.
	 *
	 * @param middle milliseconds until half of them were
	 * @param last milliseconds until all were
	 */
	private record Arrivals(double middle, double last) {

		static Arrivals of(List<Double> millis) {
			List<Double> sorted = millis.stream().sorted().toList();
			return new Arrivals(sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1));
		}

	}

	/**
	 * What a host costs that has nothing to do.
	 *
	 * @param processor part of one core that its threads take
	 * @param process part of one core that the process takes, compiler and collector
	 * included
	 * @param allocated bytes allocated each second
	 * @param heap bytes after a collection
	 * @param threads threads of the process
	 */
	private record Idle(double processor, double process, double allocated, double heap, int threads) {

		static Idle measure(Path sockets, int count, Duration time) throws Exception {
			try (ComponentHost host = host(sockets)) {
				if (count > 0) {
					arrivals(host, count);
				}
				else {
					host.start();
				}
				// What the start leaves behind is not what is measured here.
				TimeUnit.SECONDS.sleep((count > 0) ? 2 : 1);
				double heap = usedHeap();
				long begun = System.nanoTime();
				long bytes = Allocation.bytes();
				long threads = Allocation.threadNanos();
				long processor = Allocation.processorNanos();
				TimeUnit.NANOSECONDS.sleep(time.toNanos());
				double nanos = System.nanoTime() - begun;
				return new Idle((Allocation.threadNanos() - threads) / nanos,
						(Allocation.processorNanos() - processor) / nanos, (Allocation.bytes() - bytes) * 1e9 / nanos,
						heap, Thread.activeCount());
			}
		}

		private static double usedHeap() {
			for (int i = 0; i < 3; i++) {
				System.gc();
			}
			Runtime runtime = Runtime.getRuntime();
			return runtime.totalMemory() - runtime.freeMemory();
		}

	}

}
