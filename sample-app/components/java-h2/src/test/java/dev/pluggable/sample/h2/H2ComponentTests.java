package dev.pluggable.sample.h2;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.PluggableException;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.state.StateFeatures;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link H2Component} in its own process, with a host in the process of the
 * test.
 */
@Timeout(300)
class H2ComponentTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final List<Process> processes = new ArrayList<>();

	@TempDir
	private Path folder;

	private Path sockets;

	private Path log;

	private ComponentHost host;

	@BeforeEach
	void startHost() throws IOException {
		this.sockets = Files.createDirectory(this.folder.resolve("s"));
		this.log = this.folder.resolve("log");
		this.host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.sockets))
			.withDeclarations(List.of(declaration("orders", Map.of()), declaration("carts", Map.of()),
					declaration("broken", Map.of("path", "broken")))));
		this.host.start();
	}

	private static ComponentDeclaration declaration(String name, Map<String, String> metadata) {
		return new ComponentDeclaration(name, ComponentType.of("state.h2"), false, metadata,
				HostSettings.defaultComponentSettings());
	}

	@AfterEach
	void stopAll() throws InterruptedException {
		this.host.close();
		for (Process process : this.processes) {
			process.destroyForcibly();
			assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
		}
	}

	private Process startComponent(String... args) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-XX:+UseSerialGC", "-cp",
						System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
						H2Component.class.getName(), "--folder", this.sockets.toString(), "--data",
						this.folder.resolve("data").toString()));
		command.addAll(List.of(args));
		Process process = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(this.log.toFile()))
			.start();
		this.processes.add(process);
		return process;
	}

	private Component<StateStore> component(String name) {
		return this.host.registry().find(StateStoreKind.INSTANCE, name).orElseThrow();
	}

	private void await(String name, ComponentState state) {
		Awaitility.await(name + " " + state)
			.atMost(PATIENCE)
			.untilAsserted(() -> assertThat(component(name).status().state()).isEqualTo(state));
	}

	private static void kill(Process process) throws InterruptedException {
		process.destroyForcibly();
		assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenKilledAmongWritesThenEveryAcknowledgedOneIsThere() throws Exception {
		StateStore orders = component("orders").instance();
		Queue<StateItem> acknowledged = new ConcurrentLinkedQueue<>();
		for (int round = 0; round < 3; round++) {
			Process process = startComponent();
			await("orders", ComponentState.READY);
			ExecutorService writers = Executors.newFixedThreadPool(4);
			try {
				for (int i = 0; i < 4; i++) {
					String prefix = round + "-" + i + "-";
					writers.execute(() -> write(orders, prefix, acknowledged));
				}
				int enough = 100 * (round + 1);
				Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() >= enough);
				kill(process);
			}
			finally {
				writers.shutdown();
			}
			assertThat(writers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
			await("orders", ComponentState.UNAVAILABLE);
		}
		Process process = startComponent();
		await("orders", ComponentState.READY);
		assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(300)
			.allSatisfy((item) -> assertThat(orders.get(item.key()).map(StateItem::text)).hasValue(item.text()));
		kill(process);
	}

	/**
	 * Write until a write fails. Each value contains its key, so that the test detects a
	 * mix-up.
	 */
	private static void write(StateStore store, String prefix, Queue<StateItem> acknowledged) {
		try {
			for (int i = 0;; i++) {
				StateItem item = StateItem.of(prefix + i, ("value of " + prefix + i).repeat(i % 50).getBytes());
				store.set(item.key(), item.value());
				acknowledged.add(item);
			}
		}
		catch (PluggableException ex) {
			// The process was killed.
		}
	}

	@Test
	void whenTwoComponentsAreDeclaredThenTheyDoNotShareData() throws Exception {
		startComponent();
		await("orders", ComponentState.READY);
		await("carts", ComponentState.READY);
		component("orders").instance().set("key", new byte[] { 1 });
		assertThat(component("carts").instance().get("key")).isEmpty();
		assertThat(component("orders").status().features()).containsExactlyInAnyOrder(StateFeatures.ETAG,
				StateFeatures.TRANSACTIONAL, StateFeatures.TTL);
	}

	@Test
	void whenFileIsDamagedThenInitFailsWithTheReason() throws Exception {
		Files.createDirectory(this.folder.resolve("data"));
		Files.writeString(this.folder.resolve("data/broken"), "junk".repeat(5000));
		startComponent();
		await("broken", ComponentState.INIT_FAILED);
		assertThat(component("broken").status().reason()).contains("damaged");
		await("orders", ComponentState.READY);
	}

	@Test
	void whenToldToEndThenEndsInOrder() throws Exception {
		Process process = startComponent();
		await("orders", ComponentState.READY);
		component("orders").instance().set("key", new byte[] { 1 });
		process.destroy();
		assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
		assertThat(process.exitValue()).isEqualTo(143);
		assertThat(this.sockets).isEmptyDirectory();
		try (DataFile file = DataFile.open(this.folder.resolve("data/orders.mv"))) {
			assertThat(file.values()).containsKey("key");
		}
	}

	@Test
	void whenSocketIsTakenThenSecondProcessEndsWithTheReason() throws Exception {
		startComponent();
		await("orders", ComponentState.READY);
		Process second = startComponent();
		assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
		assertThat(second.exitValue()).isOne();
		assertThat(this.log).content().contains("APPLICATION FAILED TO START", "Another server listens");
	}

	@Test
	void whenOptionIsWrongThenEndsWithUsage() throws Exception {
		Process process = startComponent("--wrong");
		assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
		assertThat(process.exitValue()).isEqualTo(2);
		assertThat(this.log).content().contains("Unknown option '--wrong'").contains("--help");
	}

	@Test
	void whenHelpIsAskedForThenItIsPrinted() throws Exception {
		Process process = startComponent("--help");
		assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
		assertThat(process.exitValue()).isZero();
		assertThat(this.log).content().isEqualToIgnoringNewLines(Options.HELP);
	}

}
