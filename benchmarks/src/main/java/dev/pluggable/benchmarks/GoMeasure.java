package dev.pluggable.benchmarks;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentType;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.state.StateStoreKind;

/**
 * Calls a component written in Go from the product's host, from a Java stub and from a Go
 * program. The comparison separates the cost of the languages from the cost of the
 * product.
 */
final class GoMeasure implements Measure {

	private static final int WARM_UP_CALLERS = 16;

	private static final String GO = "Go";

	private static final String STUB = "stub";

	private static final String PROXY = "proxy";

	@Override
	public void run(Scale scale, Report report) throws Exception {
		Path sources = Path.of(System.getProperty(Benchmarks.SOURCES, ""));
		Path component = sources.resolve("../sample-app/components/go-memory");
		try (WorkFolder folder = new WorkFolder()) {
			Path memory = folder.resolve("memory");
			Path bench = folder.resolve("bench");
			if (!GoProgram.build(component, memory) || !GoProgram.build(sources.resolve("go"), bench)) {
				report.table("A component in Go", "Not measured: Go is missing or cannot build the programs.");
				return;
			}
			Table table = report.table("A component in Go",
					"The injected object, a hand-written Java stub and a Go program on google.golang.org/grpc call the "
							+ "sample component go-memory. Times are in microseconds; ratios are relative to Go.");
			Path sockets = folder.folder("s");
			ProcessBuilder builder = new ProcessBuilder(memory.toString()).inheritIO();
			builder.environment().put("DAPR_COMPONENT_SOCKETS_FOLDER", sockets.toString());
			builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
			Process process = builder.start();
			try {
				Path socket = sockets.resolve("memory.sock");
				awaitListening(socket);
				measure(scale, socket, bench, table);
			}
			finally {
				process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
			}
		}
	}

	private static void awaitListening(Path socket) throws InterruptedException, IOException {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (true) {
			try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
				return;
			}
			catch (IOException ex) {
				if (System.nanoTime() > deadline) {
					throw ex;
				}
				TimeUnit.MILLISECONDS.sleep(10);
			}
		}
	}

	private static void measure(Scale scale, Path socket, Path bench, Table table) throws Exception {
		try (ComponentHost host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(socket.getParent()))
			.withDeclarations(List.of(new ComponentDeclaration("store", ComponentType.of("state.memory"), true,
					Map.of(), HostSettings.defaultComponentSettings()))));
				BareChannels channels = new BareChannels();
				ServerProcess go = ServerProcess.start(new ProcessBuilder(bench.toString(), socket.toString()))) {
			host.start();
			if (!host.awaitRequired(Duration.ofSeconds(30)).isEmpty()) {
				throw new IOException("The component did not become ready: " + host.endpoints());
			}
			StateCalls proxy = StateCalls
				.of(host.registry().find(StateStoreKind.INSTANCE, "store").orElseThrow().instance());
			StateCalls stub = StateCalls.byHand(channels.unix(socket), "store");
			warmUp(scale, List.of(proxy, stub));
			for (int callers : scale.quick() ? new int[] { 1 } : new int[] { 1, 16 }) {
				for (String operation : List.of("get", "set")) {
					measure(scale, operation, callers, go, proxy, stub, table);
				}
			}
		}
	}

	/**
	 * Warm up the Java sides; Go is compiled ahead of time.
	 */
	private static void warmUp(Scale scale, List<StateCalls> ways) throws Exception {
		try (Callers callers = Callers.platform(WARM_UP_CALLERS)) {
			Rounds<Callers.Result> rounds = new Rounds<>();
			for (StateCalls calls : ways) {
				byte[] value = new byte[100];
				Callable<?> call = () -> List.of(calls.set("key", value), calls.get("key"));
				rounds.add("" + ways.indexOf(calls),
						() -> callers.round(Collections.nCopies(WARM_UP_CALLERS, call), scale.round()));
			}
			rounds.warmUp(scale.warmUp());
		}
	}

	private static void measure(Scale scale, String operation, int count, ServerProcess go, StateCalls proxy,
			StateCalls stub, Table table) throws Exception {
		byte[] value = new byte[100];
		boolean set = operation.equals("set");
		try (Callers callers = Callers.platform(count)) {
			Rounds<Callers.Result> rounds = new Rounds<>();
			rounds.add(GO, () -> {
				double[] figures = Arrays
					.stream(go.ask(operation + " 100 " + count + " " + scale.round().toMillis()).split(" "))
					.mapToDouble(Double::parseDouble)
					.toArray();
				return new Callers.Result(0, figures[0], figures[1], figures[2], Double.NaN, Double.NaN);
			});
			Map<String, StateCalls> ways = Map.of(STUB, stub, PROXY, proxy);
			for (String name : List.of(STUB, PROXY)) {
				StateCalls calls = ways.getOrDefault(name, stub);
				calls.set("key", value);
				Callable<?> call = set ? () -> calls.set("key", value) : () -> calls.get("key");
				rounds.add(name, () -> callers.round(Collections.nCopies(count, call), scale.round()));
			}
			rounds.run(scale);
			for (String name : rounds.names()) {
				table.row("call", operation + " 100 B", "callers", count, "by", name, "calls/s",
						rounds.figure(name, Callers.Result::perSecond).median(), "p50",
						rounds.figure(name, Callers.Result::p50).median(), "p99",
						rounds.figure(name, Callers.Result::p99).median(), "p50 ratio",
						rounds.ratio(name, GO, Callers.Result::p50), "time ratio",
						rounds.ratio(name, GO, Callers.Result::interval));
			}
		}
	}

}
