package dev.pluggable.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Measures brokered connections: the host serves one to a plugin in Go, calls the plugin
 * with its id, and closes it. The baselines are go-plugin's own host in Go, and a host in
 * Java without the product; both do the same with the same plugin.
 */
final class BrokerMeasure implements Measure {

	/**
	 * Number of connections after the start of the hosts that count as the first ones.
	 */
	private static final int FIRST = 500;

	/**
	 * A connection uses much code, so the compilers of a JVM need long.
	 */
	private static final Duration WARM_UP = Duration.ofSeconds(60);

	private static final String GO = "go-plugin";

	@Override
	public void run(Scale scale, Report report) throws Exception {
		Path sources = Path.of(System.getProperty(Benchmarks.SOURCES, "")).resolve("go-plugin");
		try (WorkFolder folder = new WorkFolder()) {
			Path program = folder.resolve("brokered");
			if (!GoProgram.build(sources, program)) {
				report.table("Brokered connections", "Not measured: Go is missing or cannot build the program.");
				return;
			}
			Table table = report.table("Brokered connections",
					"The host serves a connection to a plugin in Go, calls the plugin with the id, and closes the "
							+ "connection; the plugin dials the id and makes one call. Each host is a process that has just "
							+ "started. Milliseconds for each connection, and milliseconds of processor time of the host's "
							+ "process, with the JVM's compilers. 'bare' is a host by hand with grpc-java, the floor in Java. "
							+ "'to go' is the ratio of the times relative to go-plugin's own host, 'to bare' relative to the "
							+ "host by hand.");
			measure(scale, program, folder.folder("p"), false, table, report);
			measure(scale, program, folder.folder("t"), true, table, report);
		}
	}

	private static void measure(Scale scale, Path program, Path folder, boolean mtls, Table table, Report report)
			throws Exception {
		int connections = scale.quick() ? 50 : FIRST;
		ProcessBuilder go = new ProcessBuilder(program.toString(), "host");
		if (mtls) {
			go.command().add(BrokeredHost.MTLS);
		}
		try (Host goHost = new Host(ServerProcess.start(go));
				Host bare = java(BrokeredHost.BARE, program, folder, mtls);
				Host product = java(BrokeredHost.PRODUCT, program, folder, mtls)) {
			String security = mtls ? "AutoMTLS" : "plain";
			Rounds<Cost> first = rounds(goHost, bare, product, FIRST);
			first.measureOnce();
			rows(table, report, security + ", the first " + FIRST, first);
			Rounds<Cost> rounds = rounds(goHost, bare, product, connections);
			rounds.run(scale.withWarmUp(scale.quick() ? scale.warmUp() : WARM_UP));
			rows(table, report, security, rounds);
		}
	}

	private static Host java(String by, Path program, Path folder, boolean mtls) throws Exception {
		return new Host(ServerProcess.start(BrokeredHost.class,
				List.of("-Xms256m", "-Xmx1g", "-Dlogback.configurationFile=soak-logback.xml",
						"-Dsoak.log=" + folder.resolve("log")),
				by, program.toString(), folder.toString(), mtls ? BrokeredHost.MTLS : ""));
	}

	private static Rounds<Cost> rounds(Host goHost, Host bare, Host product, int connections) {
		Rounds<Cost> rounds = new Rounds<>(new Warmup(() -> bare.compilerMillis() + product.compilerMillis()));
		rounds.add(GO, () -> goHost.measure(connections));
		rounds.add(BrokeredHost.BARE, () -> bare.measure(connections));
		rounds.add(BrokeredHost.PRODUCT, () -> product.measure(connections));
		return rounds;
	}

	private static void rows(Table table, Report report, String connection, Rounds<Cost> rounds) {
		for (String name : rounds.names()) {
			table.row("connection", connection, "host", name, "ms", rounds.figure(name, Cost::millis), "processor",
					rounds.figure(name, Cost::processor), "to go", rounds.ratio(name, GO, Cost::millis), "to bare",
					rounds.ratio(name, BrokeredHost.BARE, Cost::millis));
		}
		report.aims()
			.add(Aim.orBetter("brokered connection, " + connection + ", time to go-plugin's host", 1.0,
					rounds.ratio(BrokeredHost.PRODUCT, GO, Cost::millis).median()));
		report.aims()
			.add(Aim.orBetter("brokered connection, " + connection + ", time to a host by hand in Java", 1.1,
					rounds.ratio(BrokeredHost.PRODUCT, BrokeredHost.BARE, Cost::millis).median()));
	}

	/**
	 * The cost of one connection.
	 *
	 * @param millis milliseconds
	 * @param processor milliseconds of processor time of the host
	 */
	private record Cost(double millis, double processor) {
	}

	/**
	 * The process of a host, which ends its plugin only if it ends by itself.
	 *
	 * @param process the process
	 */
	private record Host(ServerProcess process) implements AutoCloseable {

		Cost measure(int connections) throws Exception {
			String[] micros = this.process.ask(Integer.toString(connections)).split(" ");
			return new Cost(Double.parseDouble(micros[0]) / 1e3 / connections,
					Double.parseDouble(micros[1]) / 1e3 / connections);
		}

		long compilerMillis() throws IOException {
			return Long.parseLong(this.process.ask(BrokeredHost.COMPILERS));
		}

		@Override
		public void close() throws Exception {
			try (this.process) {
				this.process.finish();
			}
		}

	}

}
