package dev.pluggable.sample.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import dev.pluggable.Component;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PublishRequest;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for servers that end their connections in peace: by grpc-go's
 * {@code MaxConnectionAge}, {@code MaxConnectionAgeGrace} and {@code MaxConnectionIdle},
 * and by {@code grpc.max_connection_age_ms} of {@code @grpc/grpc-js} and of grpcio for
 * Python. Fails if Go, Node or Python is missing.
 */
@Tag("interop")
@Timeout(240)
class ConnectionAgeInteropTests {

	private static final Path SOURCES = Path.of("src", "test").toAbsolutePath().normalize();

	private static final Counterpart GO = new Counterpart(SOURCES.resolve("go/aging"));

	/** Has the packages of the program in Node. */
	private static final Counterpart NODE = Counterpart.of("node-state");

	/** Has the packages of the program in Python. */
	private static final Counterpart PYTHON = Counterpart.of("python-secrets");

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final long CALL_EVERY_NANOS = Duration.ofMillis(10).toNanos();

	private static final int RENEWALS = 5;

	@TempDir
	static Path programs;

	private static Path program;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private Path folder;

	private @Nullable ComponentProcess process;

	private ComponentHost host;

	@BeforeAll
	static void build() throws Exception {
		program = GO.goBuild(programs);
		NODE.run("npm", "ci");
		PYTHON.run("./build.sh");
	}

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "age");
	}

	@AfterEach
	void stop() throws Exception {
		this.threads.shutdownNow();
		this.host.close();
		if (this.process != null) {
			this.process.close();
		}
		Files.deleteIfExists(this.folder.resolve("aging.sock"));
		Files.delete(this.folder);
	}

	@ParameterizedTest
	@CsvSource({ "GO, FOLDER, 1s, 0s, 300ms", "GO, FOLDER, 1s, 300ms, 300ms", "GO, FOLDER, 1s, 3s, 2s",
			"GO, FOLDER, 200ms, 3s, 3s", "GO, LAUNCHED, 1s, 0s, 2s", "GO, LAUNCHED, 1s, 300ms, 300ms",
			"GO, LAUNCHED, 200ms, 3s, 3s", "GO, AUTO_MTLS, 1s, 0s, 2s", "GO, AUTO_MTLS, 1s, 300ms, 300ms",
			"GO, AUTO_MTLS, 200ms, 3s, 3s", "NODE, FOLDER, 1s, 300ms, 300ms", "NODE, FOLDER, 1s, 3s, 2s",
			"NODE, FOLDER, 200ms, 3s, 3s", "NODE, LAUNCHED, 1s, 3s, 2s", "PYTHON, FOLDER, 1s, 300ms, 300ms",
			"PYTHON, FOLDER, 1s, 3s, 2s", "PYTHON, FOLDER, 200ms, 3s, 3s", "PYTHON, LAUNCHED, 1s, 3s, 2s" })
	void whenConnectionsHaveAMaximumAgeThenNoCallFailsAndEachMessageComesOnce(Server server, Place place, String age,
			String grace, String init) throws Exception {
		start(server, place, "-age", age, "-grace", grace, "-init", init);
		Component<StateStore> store = component(StateStoreKind.INSTANCE, "store");
		Component<PubSub> bus = component(PubSubKind.INSTANCE, "bus");
		store.instance().set("k", "v".getBytes(StandardCharsets.UTF_8));
		Queue<Integer> handled = new ConcurrentLinkedQueue<>();
		bus.instance().subscribe(SubscribeRequest.of("topic"), (message) -> {
			handled.add(Integer.parseInt(new String(message.data(), StandardCharsets.UTF_8)));
			return MessageOutcome.ACK;
		});
		Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
		Set<String> states = new TreeSet<>();
		AtomicBoolean running = new AtomicBoolean(true);
		try (LogCapture log = new LogCapture()) {
			Future<?> reader = this.threads.submit(() -> repeat(running, failures,
					(number) -> assertThat(store.instance().get("k").orElseThrow().value()).asString().isEqualTo("v")));
			Future<Integer> publisher = this.threads.submit(() -> repeat(running, failures, (number) -> bus.instance()
				.publish(PublishRequest.of("topic", Integer.toString(number).getBytes(StandardCharsets.UTF_8)))));
			long first = generation();
			await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
				states.add(states(store, bus));
				return generation() >= first + RENEWALS;
			});
			running.set(false);
			reader.get();
			int published = publisher.get();
			await().atMost(PATIENCE).until(() -> handled.size() >= published);
			assertThat(failures).isEmpty();
			assertThat(handled).as("each message once")
				.containsExactlyInAnyOrderElementsOf(IntStream.range(0, published).boxed().toList());
			assertThat(states).as("all states").containsExactly("READY READY READY healthy");
			assertThat(log.text()).doesNotContain("WARN ").doesNotContain("ERROR ");
		}
		if (place != Place.FOLDER) {
			assertThat(this.host.plugins().status("aging").orElseThrow().launches()).isOne();
		}
	}

	@Test
	void whenConnectionsHaveAMaximumIdleTimeThenNoCallFails() throws Exception {
		start(Server.GO, Place.FOLDER, "-idle", "60ms");
		Component<StateStore> store = component(StateStoreKind.INSTANCE, "store");
		store.instance().set("k", "v".getBytes(StandardCharsets.UTF_8));
		Set<String> states = new TreeSet<>();
		long first = generation();
		try (LogCapture log = new LogCapture()) {
			for (int i = 1; i <= RENEWALS; i++) {
				long next = first + i;
				await().atMost(PATIENCE).until(() -> {
					states.add(states(store, store));
					return generation() >= next;
				});
				assertThat(store.instance().get("k")).isPresent();
			}
			assertThat(states).containsExactly("READY READY READY healthy");
			assertThat(log.text()).doesNotContain("WARN ").doesNotContain("ERROR ");
		}
	}

	@ParameterizedTest
	@CsvSource({ "GO, FOLDER", "GO, LAUNCHED", "GO, AUTO_MTLS", "NODE, FOLDER", "PYTHON, FOLDER" })
	void whenConnectionsEndDuringTheStartThenTheFirstProcessBecomesReady(Server server, Place place) throws Exception {
		start(server, place, "-age", "300ms", "-grace", "3s", "-init", "1s");
		component(StateStoreKind.INSTANCE, "store").instance().set("k", "v".getBytes(StandardCharsets.UTF_8));
		if (place != Place.FOLDER) {
			assertThat(this.host.plugins().status("aging").orElseThrow().launches()).isOne();
		}
	}

	/**
	 * Do something every 10 ms.
	 * @return how often it was done
	 */
	private static int repeat(AtomicBoolean running, Queue<Throwable> failures, Task task) {
		int number = 0;
		while (running.get()) {
			try {
				task.run(number++);
			}
			catch (RuntimeException | AssertionError ex) {
				failures.add(ex);
			}
			LockSupport.parkNanos(CALL_EVERY_NANOS);
		}
		return number;
	}

	private String states(Component<?> first, Component<?> second) {
		boolean healthy = first.status().probe().health() != ProbeResult.Health.DOWN
				&& second.status().probe().health() != ProbeResult.Health.DOWN
				&& this.host.plugins().statuses().stream().allMatch((plugin) -> plugin.state() == PluginState.READY);
		EndpointState endpoint = this.host.endpoints().get(0).state();
		return endpoint + " " + first.status().state() + " " + second.status().state()
				+ (healthy ? " healthy" : " unhealthy");
	}

	private long generation() {
		return this.host.endpoints().get(0).generation();
	}

	private void start(Server server, Place place, String... options) {
		List<String> command = new ArrayList<>(server.command());
		command.addAll(List.of(options));
		ComponentSettings limits = new ComponentSettings(Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ZERO,
				1024 * 1024);
		EndpointSettings endpoints = HostSettings.defaults().endpoints();
		HostSettings settings = HostSettings.defaults()
			.withEndpoints(new EndpointSettings(endpoints.connectTimeout(), Duration.ofMillis(200),
					endpoints.probeTimeout(), endpoints.drainTimeout()))
			.withDeclarations(
					List.of(new ComponentDeclaration("store", ComponentType.of("state.aging"), true, Map.of(), limits),
							new ComponentDeclaration("bus", ComponentType.of("pubsub.aging"), true, Map.of(), limits)));
		if (place == Place.FOLDER) {
			this.process = server.packages.start(this.folder, command.toArray(String[]::new));
			settings = settings.withSocketFolders(Set.of(this.folder));
		}
		else {
			command.add("-go-plugin");
			settings = settings.withPluginDirectory(this.folder)
				.withPlugins(List.of(PluginSettings.of("aging", command)
					.withHandshake(new HandshakeSettings("AGING", "aging", Set.of(1)))
					.withAutoMtls(place == Place.AUTO_MTLS)));
		}
		this.host = new ComponentHost(settings);
		this.host.start();
	}

	private <T> Component<T> component(ComponentKind<T> kind, String name) {
		await().atMost(PATIENCE)
			.until(() -> this.host.registry()
				.find(kind, name)
				.filter((component) -> component.status().state() == ComponentState.READY)
				.isPresent());
		return this.host.registry().find(kind, name).orElseThrow();
	}

	/**
	 * What the component is written with.
	 */
	enum Server {

		GO(ConnectionAgeInteropTests.GO), NODE(ConnectionAgeInteropTests.NODE),
		PYTHON(ConnectionAgeInteropTests.PYTHON);

		private final Counterpart packages;

		Server(Counterpart packages) {
			this.packages = packages;
		}

		List<String> command() {
			String folder = this.packages.sources().toString();
			return switch (this) {
				case GO -> List.of(program.toString());
				case NODE -> List.of("env", "-C", folder, "node", SOURCES.resolve("node/aging.js").toString());
				case PYTHON ->
					List.of(folder + "/target/venv/bin/python", SOURCES.resolve("python/aging.py").toString());
			};
		}

	}

	/**
	 * Where the component comes from.
	 */
	enum Place {

		FOLDER, LAUNCHED, AUTO_MTLS

	}

	@FunctionalInterface
	private interface Task {

		void run(int number);

	}

}
