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
 * A component written in Go, called by the product's host, by a stub in Java and by a
 * program in Go, so that what the languages take can be told from what the product takes.
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
			if (!built(component, memory) || !built(sources.resolve("go"), bench)) {
				report.table("A component in Go", "Not measured: there is no Go, or it cannot build the programs.");
				return;
			}
			Table table = report.table("A component in Go",
					"The sample's component go-memory, called by the injected object, by a stub in Java made by hand, "
							+ "and by a program in Go on google.golang.org/grpc. Microseconds; the ratios are to Go.");
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

	private static boolean built(Path sources, Path program) throws InterruptedException {
		try {
			return new ProcessBuilder("go", "build", "-o", program.toString(), ".").directory(sources.toFile())
				.inheritIO()
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start()
				.waitFor() == 0;
		}
		catch (IOException ex) {
			return false;
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
	 * Java only: Go is compiled.
	 */
	private static void warmUp(Scale scale, List<StateCalls> ways) throws Exception {
		try (Crew crew = Crew.platform(WARM_UP_CALLERS)) {
			Turns<Crew.Round> turns = new Turns<>();
			for (StateCalls calls : ways) {
				byte[] value = new byte[100];
				Callable<?> call = () -> List.of(calls.set("key", value), calls.get("key"));
				turns.add("" + ways.indexOf(calls),
						() -> crew.round(Collections.nCopies(WARM_UP_CALLERS, call), scale.round()));
			}
			turns.warmUp(scale.warmUp());
		}
	}

	private static void measure(Scale scale, String operation, int callers, ServerProcess go, StateCalls proxy,
			StateCalls stub, Table table) throws Exception {
		byte[] value = new byte[100];
		boolean set = operation.equals("set");
		try (Crew crew = Crew.platform(callers)) {
			Turns<Crew.Round> turns = new Turns<>();
			turns.add(GO, () -> {
				double[] figures = Arrays
					.stream(go.ask(operation + " 100 " + callers + " " + scale.round().toMillis()).split(" "))
					.mapToDouble(Double::parseDouble)
					.toArray();
				return new Crew.Round(0, figures[0], figures[1], figures[2], Double.NaN, Double.NaN);
			});
			Map<String, StateCalls> ways = Map.of(STUB, stub, PROXY, proxy);
			for (String name : List.of(STUB, PROXY)) {
				StateCalls calls = ways.getOrDefault(name, stub);
				calls.set("key", value);
				Callable<?> call = set ? () -> calls.set("key", value) : () -> calls.get("key");
				turns.add(name, () -> crew.round(Collections.nCopies(callers, call), scale.round()));
			}
			turns.run(scale);
			for (String name : turns.names()) {
				table.row("call", operation + " 100 B", "callers", callers, "by", name, "calls/s",
						turns.figure(name, Crew.Round::perSecond).median(), "p50",
						turns.figure(name, Crew.Round::p50).median(), "p99",
						turns.figure(name, Crew.Round::p99).median(), "p50 ratio",
						turns.ratio(name, GO, Crew.Round::p50), "time ratio",
						turns.ratio(name, GO, Crew.Round::interval));
			}
		}
	}

}
