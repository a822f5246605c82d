package dev.pluggable.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.contract.v1.Text;
import dev.pluggable.fixtures.contract.v1.Worker;
import dev.pluggable.fixtures.contract.v1.WorkerKind;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.server.ComponentServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that a component serves a generated contract. Its host sends no {@code Init}, so
 * the first call creates the instance.
 */
@Timeout(60)
class ContractServerTests {

	private final List<String> created = new CopyOnWriteArrayList<>();

	private final List<AutoCloseable> open = new ArrayList<>();

	private Path folder;

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "csv");
	}

	@AfterEach
	void stop() throws Exception {
		for (int i = this.open.size() - 1; i >= 0; i--) {
			this.open.get(i).close();
		}
		try (Stream<Path> left = Files.list(this.folder)) {
			for (Path file : left.toList()) {
				Files.delete(file);
			}
		}
		Files.delete(this.folder);
	}

	private ComponentHost start(ComponentFactory<Worker> factory, Map<String, Map<String, String>> instances,
			String... components) {
		ComponentServer.Builder builder = ComponentServer.inFolder(this.folder, "here")
			.serve(WorkerKind.INSTANCE, factory);
		instances.forEach(builder::instance);
		this.open.add(builder.start());
		ComponentSettings settings = new ComponentSettings(Duration.ofSeconds(10), Duration.ofSeconds(30),
				Duration.ofSeconds(30), 4 * 1024 * 1024);
		ComponentHost host = new ComponentHost(
				HostSettings.defaults()
					.withDeclarations(Stream.of(components)
						.map((name) -> new ComponentDeclaration(name, ComponentType.of("worker.here"), false, Map.of(),
								settings))
						.toList())
					.withSocketFolders(Set.of(this.folder)),
				List.of(WorkerKind.INSTANCE), List.of(), (endpoint, channel) -> {
				});
		this.open.add(host);
		host.start();
		return host;
	}

	private Worker worker(ComponentHost host, String name) {
		return host.registry().find(WorkerKind.INSTANCE, name).orElseThrow().instance();
	}

	private Worker create(String name, Map<String, String> metadata) {
		String label = name + metadata;
		this.created.add(label);
		return (request) -> text(label + " does " + request.getText());
	}

	@Test
	void whenNobodyCallsInitThenTheFirstCallCreatesTheInstanceOfItsComponent() {
		ComponentHost host = start(this::create, Map.of(), "one", "two");
		for (int i = 0; i < 2; i++) {
			assertThat(worker(host, "one").work(text("x")).getText()).isEqualTo("one{} does x");
			assertThat(worker(host, "two").work(text("x")).getText()).isEqualTo("two{} does x");
		}
		assertThat(this.created).containsExactly("one{}", "two{}");
	}

	@Test
	void whenTheServerKnowsTheSettingsThenTheInstanceHasThem() {
		ComponentHost host = start(this::create, Map.of("one", Map.of("k", "v"), "two", Map.of()), "one", "two");
		assertThat(worker(host, "one").work(text("x")).getText()).isEqualTo("one{k=v} does x");
		assertThat(worker(host, "two").work(text("x")).getText()).isEqualTo("two{} does x");
	}

	@Test
	void whenTheFactoryFailsThenTheCallFailsAndTheNextOneTriesAgain() {
		ComponentHost host = start((name, metadata) -> {
			if (this.created.isEmpty()) {
				this.created.add("failure");
				throw new IOException("no");
			}
			return create(name, metadata);
		}, Map.of(), "one");
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> worker(host, "one").work(text("x")))
			.withMessageContaining("cannot be created: java.io.IOException");
		assertThat(worker(host, "one").work(text("x")).getText()).isEqualTo("one{} does x");
	}

	@Test
	void whenTheFactoryRefusesTheSettingsOfTheServerThenThereIsNoInstanceWithout() {
		ComponentHost host = start((name, metadata) -> {
			create(name, metadata);
			throw new IllegalStateException("no");
		}, Map.of("one", Map.of("k", "v")), "one");
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> worker(host, "one").work(text("x")))
			.withMessageContaining(
					"cannot be created from the settings of the server: java.lang.IllegalStateException");
		assertThat(this.created).containsExactly("one{k=v}");
	}

	private static Text text(String text) {
		return Text.newBuilder().setText(text).build();
	}

}
