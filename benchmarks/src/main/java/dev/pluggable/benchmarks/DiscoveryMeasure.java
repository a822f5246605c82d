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
import java.util.concurrent.atomic.AtomicInteger;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.benchmarks.application.EmptyApplication;
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

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Measures the time from a socket to a usable component, with one socket and with many,
 * and the cost of idle endpoints.
 */
final class DiscoveryMeasure implements Measure {

	private static final String HOST = "host";

	private static final String STUB = "bare channel";

	private static final String BEAN = "discovered bean";

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
				idle(scale, folder, process, report);
			}
		}
	}

	private static Path sockets(WorkFolder folder, int count) throws IOException {
		return folder.folder("s" + count);
	}

	private static void appear(Scale scale, Report report) throws Exception {
		Table table = report.table("A socket appears",
				"Milliseconds from the moment at which the component listens to the first successful call: through "
						+ "the object of a declared component, through the bean of a component that no property declares, "
						+ "and on a channel that is created by hand at that moment.");
		try (WorkFolder folder = new WorkFolder(); BareServers servers = new BareServers()) {
			Path sockets = folder.folder("s");
			Path socket = sockets.resolve("late.sock");
			Path discovered = folder.folder("d");
			ComponentSettings patient = new ComponentSettings(Duration.ofSeconds(5), Duration.ofSeconds(5),
					Duration.ofSeconds(30), BareChannels.LARGEST_MESSAGE);
			try (ComponentHost host = new ComponentHost(HostSettings.defaults()
				.withSocketFolders(Set.of(sockets))
				.withDeclarations(List
					.of(new ComponentDeclaration("store", ComponentType.of("state.late"), true, Map.of(), patient))));
					ConfigurableApplicationContext context = new SpringApplicationBuilder(EmptyApplication.class)
						.web(WebApplicationType.NONE)
						.bannerMode(Banner.Mode.OFF)
						.run("--pluggable.socket-folders=" + discovered)) {
				host.start();
				StateStore store = host.registry().find(StateStoreKind.INSTANCE, "store").orElseThrow().instance();
				Rounds<Double> rounds = new Rounds<>();
				rounds.add(STUB, () -> {
					Path other = folder.resolve("other.sock");
					try (BareChannels channels = new BareChannels(); AutoCloseable server = serve(servers, other)) {
						long begun = System.nanoTime();
						StateCalls.byHand(channels.unix(other)).set("key", new byte[1]);
						return millis(begun);
					}
				});
				rounds.add(HOST, () -> {
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
				AtomicInteger sequence = new AtomicInteger();
				rounds.add(BEAN, () -> {
					String name = "found" + sequence.incrementAndGet();
					try (AutoCloseable server = serve(servers, discovered.resolve(name + ".sock"))) {
						long begun = System.nanoTime();
						await(() -> isUsable(context, name + ".state"));
						return millis(begun);
					}
				});
				rounds.run(scale);
				report.aims()
					.add(Aim.atMost("from a socket to its bean, p50", 1000, " ms",
							rounds.figure(BEAN, (millis) -> millis).median()));
				for (String name : rounds.names()) {
					table.row("by", name, "ms", rounds.figure(name, (millis) -> millis), "ratio",
							rounds.ratio(name, STUB, (millis) -> millis));
				}
			}
		}
	}

	private static boolean isUsable(BeanFactory beans, String name) {
		try {
			if (!beans.containsBean(name)) {
				return false;
			}
			beans.getBean(name, StateStore.class).get("key");
			return true;
		}
		catch (ComponentUnavailableException ex) {
			return false;
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
				"Milliseconds from the start of the host until half of the components, and all of them, are ready; "
						+ "with and without another socket that hangs. By hand: one channel per socket, and one call per "
						+ "channel, all at once.");
		for (int count : COUNTS) {
			Path sockets = sockets(folder, count);
			for (boolean hanging : scale.quick() ? new boolean[] { true } : new boolean[] { false, true }) {
				Rounds<Arrivals> rounds = new Rounds<>();
				rounds.add(STUB, () -> byHand(sockets, count));
				rounds.add(HOST, () -> {
					try (ComponentHost host = host(sockets)) {
						return arrivals(host, count);
					}
				});
				try (AutoCloseable silent = hanging ? listen(sockets.resolve("hanging.sock")) : () -> {
				}) {
					rounds.run(scale.withRounds(Math.min(scale.quick() ? 2 : 5, scale.rounds()))
						.withWarmUp(Duration.ofMillis(1)));
				}
				for (String name : rounds.names()) {
					table.row("sockets", count, "one hangs", hanging ? "yes" : "no", "by", name, "middle",
							rounds.figure(name, Arrivals::middle), "last", rounds.figure(name, Arrivals::last), "ratio",
							rounds.ratio(name, STUB, Arrivals::last));
				}
				if (count == 1000 && hanging) {
					report.aims()
						.add(Aim.atMost("1,000 sockets at the start, one hanging", 5000, " ms",
								rounds.figure(HOST, Arrivals::last).median()));
				}
			}
		}
	}

	/**
	 * Accept connections and never answer.
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
							// The missing arrival is noticed at the end.
						}

					}, MoreExecutors.directExecutor());
			}
			if (!all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException(all.getCount() + " of " + count + " calls did not succeed");
			}
			return Arrivals.of(new ArrayList<>(arrivals));
		}
	}

	private static void idle(Scale scale, WorkFolder folder, ServerProcess component, Report report) throws Exception {
		int count = COUNTS[COUNTS.length - 1];
		Path sockets = sockets(folder, count);
		Duration interval = HostSettings.defaults().endpoints().probeInterval();
		// A shorter time might contain no probe at all.
		Duration time = interval.multipliedBy(scale.quick() ? 1 : 6);
		Table table = report.table("Endpoints with nothing to do", String.format(Locale.ROOT,
				"%,d endpoints for %d s. Each endpoint has one component, and the host calls its Ping every 10 s, as "
						+ "by default. The bare channels, one for each socket, make the same calls as often: they are the "
						+ "floor of these probes. The heap is the size after a collection, minus the heap of a host without "
						+ "sockets. The processor time is that of Java's threads; the time of the whole process, with the "
						+ "JVM's compilers, is beside it. The allocated bytes are all bytes that the collector has to clear.",
				count, time.toSeconds()));
		warmUp(sockets, count, scale);
		// This host probes nothing, so any period is representative.
		Idle without = Idle.host(folder.folder("e"), 0, Duration.ofSeconds(scale.quick() ? 2 : 10), component);
		row(table, 0, HOST, without, without);
		Idle with = Idle.host(sockets, count, time, component);
		row(table, count, HOST, with, without);
		Idle bare = Idle.bare(sockets, count, with.probes(), time, component);
		row(table, count, "bare channels", bare, without);
		report.aims().add(Aim.atMost("1,000 idle endpoints: processor", 0.5, " % of a core", with.processor() * 100));
		report.aims()
			.add(Aim.orBetter("1,000 idle endpoints: processor to the same probes by hand", 1.2,
					with.processor() / bare.processor()));
		report.aims().add(Aim.atMost("1,000 idle endpoints: heap", 100, " KiB each", heap(with, without, count)));
	}

	private static void row(Table table, int count, String by, Idle idle, Idle without) {
		int each = Math.max(1, count);
		table.row("endpoints", count, "by", by, "probes/s", idle.probes(), "% of a core", idle.processor() * 100,
				"with the JVM's own", idle.process() * 100, "threads", idle.threads(), "heap KiB each",
				heap(idle, without, each), "processor us each a minute",
				(idle.processor() - without.processor()) * 60 * 1e6 / each, "allocated KiB each a minute",
				(idle.allocated() - without.allocated()) * 60 / 1024 / each);
	}

	private static double heap(Idle idle, Idle without, int count) {
		return (idle.heap() - without.heap()) / 1024 / count;
	}

	/**
	 * Probe frequently for a while, so that the measurement does not include compilation.
	 */
	private static void warmUp(Path sockets, int count, Scale scale) throws Exception {
		Duration time = Duration.ofSeconds(scale.quick() ? 2 : 15);
		Duration interval = Duration.ofMillis(500);
		EndpointSettings often = new EndpointSettings(Duration.ofSeconds(5), interval, Duration.ofSeconds(1),
				Duration.ofSeconds(10));
		try (ComponentHost host = new ComponentHost(
				HostSettings.defaults().withSocketFolders(Set.of(sockets)).withEndpoints(often))) {
			arrivals(host, count);
			TimeUnit.NANOSECONDS.sleep(time.toNanos());
		}
		try (BareProbes probes = BareProbes.start(sockets, count, count / (double) interval.toMillis() * 1000)) {
			TimeUnit.NANOSECONDS.sleep(time.toNanos());
		}
	}

	private static double millis(long begun) {
		return (System.nanoTime() - begun) / 1e6;
	}

	private static void await(Condition condition) throws Exception {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
		while (!condition.holds()) {
			if (System.nanoTime() > deadline) {
				throw new IllegalStateException("The condition was not met in time");
			}
			TimeUnit.MILLISECONDS.sleep(1);
		}
	}

	private interface Condition {

		boolean holds();

	}

	/**
	 * The times at which components became ready.
	 *
	 * @param middle milliseconds until half of the components were ready
	 * @param last milliseconds until all components were ready
	 */
	private record Arrivals(double middle, double last) {

		static Arrivals of(List<Double> millis) {
			List<Double> sorted = millis.stream().sorted().toList();
			return new Arrivals(sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1));
		}

	}

	/**
	 * The cost of a host or of channels with nothing to do but probes.
	 *
	 * @param processor share of one core that the Java threads use
	 * @param process share of one core that the process uses, including compilers and
	 * collector
	 * @param allocated bytes allocated per second
	 * @param heap bytes after a collection
	 * @param threads threads of the process
	 * @param probes probes that the component received per second
	 */
	private record Idle(double processor, double process, double allocated, double heap, int threads, double probes) {

		static Idle host(Path sockets, int count, Duration time, ServerProcess component) throws Exception {
			try (ComponentHost host = DiscoveryMeasure.host(sockets)) {
				if (count > 0) {
					arrivals(host, count);
				}
				else {
					host.start();
				}
				// Work that remains from the start is not part of the measurement.
				TimeUnit.SECONDS.sleep((count > 0) ? 2 : 1);
				return measure(time, component);
			}
		}

		static Idle bare(Path sockets, int count, double perSecond, Duration time, ServerProcess component)
				throws Exception {
			try (BareProbes probes = BareProbes.start(sockets, count, perSecond)) {
				TimeUnit.SECONDS.sleep(2);
				return measure(time, component);
			}
		}

		private static Idle measure(Duration time, ServerProcess component) throws Exception {
			double heap = usedHeap();
			long probes = Long.parseLong(component.ask(""));
			long begun = System.nanoTime();
			long bytes = Allocation.bytes();
			long threads = Allocation.threadNanos();
			long processor = Allocation.processorNanos();
			TimeUnit.NANOSECONDS.sleep(time.toNanos());
			double nanos = System.nanoTime() - begun;
			return new Idle((Allocation.threadNanos() - threads) / nanos,
					(Allocation.processorNanos() - processor) / nanos, (Allocation.bytes() - bytes) * 1e9 / nanos, heap,
					Thread.activeCount(), (Long.parseLong(component.ask("")) - probes) * 1e9 / nanos);
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
