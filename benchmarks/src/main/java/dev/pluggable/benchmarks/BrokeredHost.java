package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
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
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;

/**
 * A JVM with a host of the plugin {@code brokered}. Each line on its standard input is a
 * number of brokered connections. The answer is the time of all of them, and the
 * processor time of the process in that time, in microseconds.
 */
final class BrokeredHost {

	/** The host of the product. */
	static final String PRODUCT = "pluggable";

	/** {@link BareBroker}. */
	static final String BARE = "bare";

	/** Argument for AutoMTLS. */
	static final String MTLS = "mtls";

	/** Line that asks for the compilation time of the process in milliseconds. */
	static final String COMPILERS = "compilers";

	static final String COOKIE = "BENCHMARKS_COOKIE";

	static final String COOKIE_VALUE = "brokered";

	private static final String SERVICE = "benchmarks.Caller";

	static final MethodDescriptor<UInt32Value, Empty> CALL_BACK = MethodDescriptor.<UInt32Value, Empty>newBuilder()
		.setType(MethodDescriptor.MethodType.UNARY)
		.setFullMethodName(SERVICE + "/CallBack")
		.setRequestMarshaller(ProtoUtils.marshaller(UInt32Value.getDefaultInstance()))
		.setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
		.build();

	private BrokeredHost() {
	}

	/**
	 * Answer until the standard input ends.
	 * @param arguments {@link #PRODUCT} or {@link #BARE}, the program of the plugin, the
	 * folder of the sockets, and optionally {@link #MTLS}
	 */
	public static void main(String[] arguments) throws Exception {
		Path program = Path.of(arguments[1]);
		Path folder = Path.of(arguments[2]);
		boolean mtls = arguments.length > 3 && arguments[3].equals(MTLS);
		try (Caller caller = arguments[0].equals(BARE) ? new BareBroker(program, folder, mtls)
				: new ProductCaller(program, folder, mtls)) {
			System.out.println(ServerProcess.LISTENING + arguments[0]);
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			for (String line = input.readLine(); line != null; line = input.readLine()) {
				if (line.equals(COMPILERS)) {
					System.out.println(Warmup.compilerMillis());
					continue;
				}
				int connections = Integer.parseInt(line);
				long processor = Allocation.processorNanos();
				long begun = System.nanoTime();
				for (int i = 0; i < connections; i++) {
					caller.callBack();
				}
				long nanos = System.nanoTime() - begun;
				System.out.println(nanos / 1000 + " " + (Allocation.processorNanos() - processor) / 1000);
			}
		}
	}

	/**
	 * A host that has launched the plugin.
	 */
	interface Caller extends AutoCloseable {

		/**
		 * Serve a health service, call the plugin with the id, and end the server.
		 */
		void callBack() throws Exception;

	}

	/**
	 * The host of the product, as an application uses it.
	 */
	private static final class ProductCaller implements Caller {

		private final BindableService health = new HealthStatusManager().getHealthService();

		private final ComponentHost host;

		private final ComponentGeneration generation;

		ProductCaller(Path program, Path folder, boolean mtls) throws IOException {
			PluginSettings plugin = PluginSettings.of("caller", List.of(program.toString()))
				.withHandshake(new HandshakeSettings(COOKIE, COOKIE_VALUE, Set.of(1)))
				.withAutoMtls(mtls);
			this.host = new ComponentHost(
					HostSettings.defaults()
						.withPlugins(List.of(plugin))
						.withPluginDirectory(folder)
						.withDeclarations(List.of(new ComponentDeclaration("caller", ComponentType.of("caller.caller"),
								true, Map.of(), HostSettings.defaultComponentSettings()))),
					List.of(CallerKind.INSTANCE), List.of(), (endpoint, builder) -> {
					});
			this.host.start();
			if (!this.host.awaitRequired(Duration.ofSeconds(30)).isEmpty()) {
				throw new IOException("The plugin did not become ready: " + this.host.plugins().statuses());
			}
			this.generation = this.host.registry()
				.find(CallerKind.INSTANCE, "caller")
				.orElseThrow()
				.instance()
				.generation()
				.join();
		}

		@Override
		public void callBack() {
			PluginBroker broker = this.generation.attributes().get(PluginBroker.KEY);
			if (broker == null) {
				throw new IllegalStateException("The plugin has no broker");
			}
			try (BrokeredServer server = broker.serve("health", List.of(this.health.bindService()))) {
				ClientCalls.blockingUnaryCall(this.generation.channel(), CALL_BACK,
						CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS), UInt32Value.of(server.id()));
			}
		}

		@Override
		public void close() {
			this.host.close();
		}

	}

	/**
	 * What an application injects.
	 *
	 * @param generation completes with the first connection
	 */
	private record Injected(CompletableFuture<ComponentGeneration> generation) {

		static Injected of(ComponentClient client) {
			Injected injected = new Injected(new CompletableFuture<>());
			client.onGeneration(injected.generation::complete);
			return injected;
		}

	}

	private static final class CallerKind implements ComponentKind<Injected> {

		static final CallerKind INSTANCE = new CallerKind();

		@Override
		public String name() {
			return "caller";
		}

		@Override
		public Class<Injected> type() {
			return Injected.class;
		}

		@Override
		public List<String> services() {
			return List.of(SERVICE);
		}

		@Override
		public Injected createProxy(ComponentClient client) {
			return Injected.of(client);
		}

		@Override
		public CompletionStage<?> ping(Channel channel) {
			return CompletableFuture.completedFuture(true);
		}

	}

}
