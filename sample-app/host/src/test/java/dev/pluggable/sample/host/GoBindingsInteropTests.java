package dev.pluggable.sample.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.pluggable.Component;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.bindings.BindingOperations;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.InputBindingBehaviour;
import dev.pluggable.bindings.InputBindingKind;
import dev.pluggable.bindings.InvokeRequest;
import dev.pluggable.bindings.InvokeResponse;
import dev.pluggable.bindings.OutputBinding;
import dev.pluggable.bindings.OutputBindingBehaviour;
import dev.pluggable.bindings.OutputBindingKind;
import dev.pluggable.bindings.ReadRequest;
import dev.pluggable.bindings.Reading;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.stream.StreamStatus;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Runs the behaviour of mailbox bindings against a component in Go on Dapr's public SDK,
 * which serves both bindings on one socket. Fails if Go is missing.
 */
@Tag("interop")
@Timeout(120)
class GoBindingsInteropTests {

	private static final Counterpart GO_BINDINGS = Counterpart.of("go-bindings");

	private static final AtomicInteger MAILBOXES = new AtomicInteger();

	@TempDir
	static Path folder;

	private static Path program;

	private static ComponentProcess process;

	private final RecordedCalls calls = new RecordedCalls();

	/** Each test has its own mailbox. */
	private final String name = "mail" + MAILBOXES.incrementAndGet();

	private ComponentHost host;

	@BeforeAll
	static void buildAndStart() throws Exception {
		program = GO_BINDINGS.goBuild(folder);
		startComponent();
	}

	private static void startComponent() {
		process = GO_BINDINGS.start(folder, program.toString());
	}

	@AfterAll
	static void stop() {
		process.close();
	}

	@BeforeEach
	void connect() {
		this.host = new ComponentHost(
				HostSettings.defaults()
					.withSocketFolders(Set.of(folder))
					.withDeclarations(List.of(declaration(this.name, folder.resolve(this.name)))),
				List.of(), List.of(), this.calls);
		this.host.start();
		awaitReady();
	}

	@AfterEach
	void disconnect() {
		this.host.close();
	}

	private static ComponentDeclaration declaration(String name, Path mailbox) {
		return new ComponentDeclaration(name, ComponentType.of("bindings.mailbox"), false,
				Map.of("folder", mailbox.toString()), HostSettings.defaultComponentSettings());
	}

	private <T> Component<T> component(ComponentKind<T> kind) {
		return this.host.registry().find(kind, this.name).orElseThrow();
	}

	private OutputBinding output() {
		return component(OutputBindingKind.INSTANCE).instance();
	}

	private InputBinding input() {
		return component(InputBindingKind.INSTANCE).instance();
	}

	private void awaitState(ComponentState state) {
		await().until(() -> component(OutputBindingKind.INSTANCE).status().state() == state
				&& component(InputBindingKind.INSTANCE).status().state() == state);
	}

	private void awaitReady() {
		awaitState(ComponentState.READY);
	}

	private String create(String data) {
		return text(output().invoke(BindingOperations.CREATE, data.getBytes(StandardCharsets.UTF_8)).data());
	}

	private InvokeResponse get(String id) {
		return output().invoke(InvokeRequest.of(BindingOperations.GET, new byte[0]).withMetadata(Map.of("id", id)));
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.UTF_8);
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10));
	}

	@Test
	void whenItsOwnTestsRunThenTheyPass() throws Exception {
		GO_BINDINGS.goTest();
	}

	@Test
	void whenDeclaredOnceThenItIsBothOnOneSocket() {
		assertThat(this.host.registry().components()).filteredOn((component) -> component.name().equals(this.name))
			.extracting(Component::id)
			.containsExactlyInAnyOrder(this.name + ".input-bindings", this.name + ".output-bindings");
		assertThat(this.host.endpoints()).filteredOn((endpoint) -> endpoint.name().equals("mailbox"))
			.singleElement()
			.satisfies((endpoint) -> assertThat(endpoint.services()).contains("dapr.proto.components.v1.InputBinding",
					"dapr.proto.components.v1.OutputBinding"));
	}

	@Test
	void whenTheOperationIsNotListedThenTheComponentIsNotCalled() {
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> output().invoke("rename", new byte[0]))
			.withMessageContaining("rename");
		assertThat(this.calls.of(BindingsProto.InvokeRequest.class)).isEmpty();
		create("x");
		assertThat(this.calls.of(BindingsProto.InvokeRequest.class))
			.extracting(BindingsProto.InvokeRequest::getOperation)
			.containsExactly(BindingOperations.CREATE);
	}

	@Test
	void whenTheFolderCannotBeUsedThenBothSayWhy() throws IOException {
		Path file = Files.createFile(folder.resolve(this.name + "-file"));
		try (ComponentHost other = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(folder))
			.withDeclarations(List.of(declaration("wrong", file))))) {
			other.start();
			await().until(() -> other.registry()
				.components()
				.stream()
				.filter((component) -> component.name().equals("wrong"))
				.filter((component) -> component.status().state() == ComponentState.INIT_FAILED)
				.filter((component) -> String.valueOf(component.status().reason()).contains("invalid metadata folder"))
				.count() == 2);
		}
	}

	@Test
	void whenTheProcessIsKilledInTheMiddleThenWhatIsNotAnsweredComesAgain() {
		List<String> ids = IntStream.range(0, 10).mapToObj((i) -> create("x" + i)).toList();
		Set<String> held = Set.copyOf(ids.subList(4, 7));
		Map<String, Integer> reads = new ConcurrentHashMap<>();
		Semaphore begun = new Semaphore(0);
		CountDownLatch killed = new CountDownLatch(1);
		Reading reading = input().read(ReadRequest.defaults().withConcurrency(5), (event) -> {
			String id = event.metadata().get("id");
			int times = reads.merge(id, 1, Integer::sum);
			if (held.contains(id) && times == 1) {
				begun.release();
				killed.await();
			}
			return ("read " + times).getBytes(StandardCharsets.UTF_8);
		});
		await().until(() -> begun.availablePermits() == held.size()
				&& ids.stream().filter((id) -> "answered".equals(get(id).metadata().get("state"))).count() == 7);
		process.kill();
		awaitState(ComponentState.UNAVAILABLE);
		killed.countDown();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> create("lost"));
		startComponent();
		awaitReady();
		String later = create("later");
		await().until(() -> "answered".equals(get(later).metadata().get("state")));
		for (String id : ids) {
			String answer = held.contains(id) ? "read 2" : "read 1";
			await().until(() -> answer.equals(get(id).metadata().get("answer")));
		}
		assertThat(reads).hasSize(11);
		assertThat(reading.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		assertThat(reading.status().reconnects()).isPositive();
		reading.close();
	}

	/**
	 * Runs the behaviour of all output bindings.
	 */
	@Nested
	class Output extends OutputBindingBehaviour {

		@Override
		protected OutputBinding output() {
			return GoBindingsInteropTests.this.output();
		}

	}

	/**
	 * Runs the behaviour of all input bindings.
	 */
	@Nested
	class Input extends InputBindingBehaviour {

		@Override
		protected OutputBinding output() {
			return GoBindingsInteropTests.this.output();
		}

		@Override
		protected InputBinding input() {
			return GoBindingsInteropTests.this.input();
		}

	}

}
