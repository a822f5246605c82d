package dev.pluggable.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.Empty;
import com.google.protobuf.UInt32Value;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginSettings;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import org.jspecify.annotations.Nullable;

/**
 * Measures brokered connections: the host serves one to a plugin in Go, calls the plugin
 * with its id, and closes it. The baseline is go-plugin's own host in Go, which does the
 * same with the same plugin.
 */
final class BrokerMeasure implements Measure {

	private static final String SERVICE = "benchmarks.Caller";

	private static final MethodDescriptor<UInt32Value, Empty> CALL_BACK = MethodDescriptor
		.<UInt32Value, Empty>newBuilder()
		.setType(MethodDescriptor.MethodType.UNARY)
		.setFullMethodName(SERVICE + "/CallBack")
		.setRequestMarshaller(ProtoUtils.marshaller(UInt32Value.getDefaultInstance()))
		.setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
		.build();

	/**
	 * Number of connections after the start of both hosts that count as the first ones.
	 */
	private static final int FIRST = 500;

	/**
	 * A connection uses much code, so the compilers of a JVM need long.
	 */
	private static final Duration WARM_UP = Duration.ofSeconds(60);

	private static final String GO = "go-plugin";

	private static final String HOST = "pluggable";

	private static final String BARE = "bare server";

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
							+ "connection; the plugin dials the id and makes one call. Milliseconds for each connection; "
							+ "the ratio is relative to go-plugin's own host. Bare server: a program in Go connects to a "
							+ "server of grpc-java that listens all the time, makes one call, and closes the connection.");
			measure(scale, program, folder.folder("p"), false, table, report);
			measure(scale, program, folder.folder("t"), true, table, report);
		}
	}

	private static void measure(Scale scale, Path program, Path folder, boolean mtls, Table table, Report report)
			throws Exception {
		int connections = scale.quick() ? 50 : FIRST;
		ProcessBuilder go = new ProcessBuilder(program.toString(), "host");
		if (mtls) {
			go.command().add("mtls");
		}
		PluginSettings plugin = PluginSettings.of("caller", List.of(program.toString()))
			.withHandshake(new HandshakeSettings("BENCHMARKS_COOKIE", "brokered", Set.of(1)))
			.withAutoMtls(mtls);
		Path socket = folder.resolve("bare");
		try (BareServers servers = new BareServers();
				AutoCloseable bare = health(servers, socket);
				ServerProcess dialer = ServerProcess
					.start(new ProcessBuilder(program.toString(), "dial", socket.toString()));
				ServerProcess goHost = ServerProcess.start(go);
				// The host in Go ends its plugin only if it ends by itself.
				AutoCloseable ended = goHost::finish;
				ComponentHost host = new ComponentHost(HostSettings.defaults()
					.withPlugins(List.of(plugin))
					.withPluginDirectory(folder)
					.withDeclarations(List.of(new ComponentDeclaration("caller", ComponentType.of("caller.caller"),
							true, Map.of(), HostSettings.defaultComponentSettings()))),
						List.of(CallerKind.INSTANCE), List.of(), (endpoint, builder) -> {
						})) {
			host.start();
			if (!host.awaitRequired(Duration.ofSeconds(30)).isEmpty()) {
				throw new IOException("The plugin did not become ready: " + host.plugins().statuses());
			}
			Caller caller = host.registry().find(CallerKind.INSTANCE, "caller").orElseThrow().instance();
			String security = mtls ? "AutoMTLS" : "plain";
			Rounds<Double> first = rounds(goHost, caller, mtls ? null : dialer, FIRST);
			first.measureOnce();
			rows(table, security + ", the first " + FIRST, first);
			Rounds<Double> rounds = rounds(goHost, caller, mtls ? null : dialer, connections);
			rounds.run(scale.withWarmUp(scale.quick() ? scale.warmUp() : WARM_UP));
			rows(table, security, rounds);
			report.aims()
				.add(Aim.orBetter("brokered connection, " + security + ", time to go-plugin's host", 1.0,
						rounds.ratio(HOST, GO, Double::doubleValue).median()));
		}
	}

	private static AutoCloseable health(BareServers servers, Path socket) throws IOException {
		Server server = servers.unix(socket)
			.addService(new HealthStatusManager().getHealthService())
			.directExecutor()
			.build()
			.start();
		return () -> server.shutdownNow().awaitTermination();
	}

	private static Rounds<Double> rounds(ServerProcess goHost, Caller caller, @Nullable ServerProcess dialer,
			int connections) {
		Rounds<Double> rounds = new Rounds<>();
		rounds.add(GO, () -> Double.parseDouble(goHost.ask("" + connections)) / 1e3 / connections);
		if (dialer != null) {
			rounds.add(BARE, () -> Double.parseDouble(dialer.ask("" + connections)) / 1e3 / connections);
		}
		rounds.add(HOST, () -> {
			long begun = System.nanoTime();
			for (int i = 0; i < connections; i++) {
				caller.callBack();
			}
			return (System.nanoTime() - begun) / 1e6 / connections;
		});
		return rounds;
	}

	private static void rows(Table table, String connection, Rounds<Double> rounds) {
		for (String name : rounds.names()) {
			table.row("connection", connection, "host", name, "ms", rounds.figure(name, Double::doubleValue), "ratio",
					rounds.ratio(name, GO, Double::doubleValue));
		}
	}

	/**
	 * Calls the plugin with the id of a connection.
	 */
	private static final class Caller {

		private final BindableService health = new HealthStatusManager().getHealthService();

		private final CompletableFuture<ComponentGeneration> generation = new CompletableFuture<>();

		Caller(ComponentClient client) {
			client.onGeneration(this.generation::complete);
		}

		void callBack() {
			ComponentGeneration generation = this.generation.join();
			PluginBroker broker = generation.attributes().get(PluginBroker.KEY);
			if (broker == null) {
				throw new IllegalStateException("The plugin has no broker");
			}
			try (BrokeredServer server = broker.serve("health", List.of(this.health.bindService()))) {
				ClientCalls.blockingUnaryCall(generation.channel(), CALL_BACK,
						CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS), UInt32Value.of(server.id()));
			}
		}

	}

	private static final class CallerKind implements ComponentKind<Caller> {

		static final CallerKind INSTANCE = new CallerKind();

		@Override
		public String name() {
			return "caller";
		}

		@Override
		public Class<Caller> type() {
			return Caller.class;
		}

		@Override
		public List<String> services() {
			return List.of(SERVICE);
		}

		@Override
		public Caller createProxy(ComponentClient client) {
			return new Caller(client);
		}

		@Override
		public CompletionStage<?> ping(Channel channel) {
			return CompletableFuture.completedFuture(true);
		}

	}

}
