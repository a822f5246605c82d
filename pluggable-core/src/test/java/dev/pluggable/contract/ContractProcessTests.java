package dev.pluggable.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PatientAwaitility;
import dev.pluggable.PluggableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.fixtures.ContractPluginMain;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.contract.v1.AddRequest;
import dev.pluggable.fixtures.contract.v1.Counter;
import dev.pluggable.fixtures.contract.v1.CounterGrpc;
import dev.pluggable.fixtures.contract.v1.CounterKind;
import dev.pluggable.fixtures.contract.v1.Helper;
import dev.pluggable.fixtures.contract.v1.HelperKind;
import dev.pluggable.fixtures.contract.v1.NewWorkerRequest;
import dev.pluggable.fixtures.contract.v1.Number;
import dev.pluggable.fixtures.contract.v1.RegisterReply;
import dev.pluggable.fixtures.contract.v1.RegisterRequest;
import dev.pluggable.fixtures.contract.v1.Registry;
import dev.pluggable.fixtures.contract.v1.RegistryKind;
import dev.pluggable.fixtures.contract.v1.SetupRequest;
import dev.pluggable.fixtures.contract.v1.Text;
import dev.pluggable.fixtures.contract.v1.Worker;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.remote.RemoteObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for generated contracts with real processes: references in each direction, and
 * the death of the process at each step.
 */
@Timeout(300)
@ExtendWith(PatientAwaitility.class)
class ContractProcessTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final List<String> setups = new CopyOnWriteArrayList<>();

	private final List<Worker> registered = new CopyOnWriteArrayList<>();

	private final AtomicInteger closed = new AtomicInteger();

	private final AtomicReference<Function<RegisterRequest, String>> answers = new AtomicReference<>(
			RegisterRequest::getName);

	private final Registry registry = new Registry() {

		@Override
		public CreatedObjects<RegisterReply> register(RegisterRequest request, @Nullable Worker worker) {
			String answer = ContractProcessTests.this.answers.get().apply(request);
			if (worker != null) {
				ContractProcessTests.this.registered.add(worker);
				answer += ", " + worker.work(text("x")).getText();
			}
			return CreatedObjects.of(RegisterReply.newBuilder().setAnswer(answer).build(), new Helper() {

				@Override
				public Number sum(AddRequest sum) {
					return number(sum.getA() + sum.getB());
				}

				@Override
				public void close() {
					ContractProcessTests.this.closed.incrementAndGet();
				}

			});
		}

	};

	private Path folder;

	private ComponentHost host;

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "cop");
	}

	@AfterEach
	void leavesNothing() throws Exception {
		this.host.close();
		try (Stream<Path> left = Files.list(this.folder)) {
			assertThat(left).isEmpty();
		}
		Files.delete(this.folder);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenTheProcessIsReplacedThenReferencesOfEachKindWorkAgain(boolean autoMtls) throws Exception {
		start(settings("first", autoMtls));
		Counter counter = counter("first");
		Worker worker = counter.newWorker(NewWorkerRequest.newBuilder().setName("bob").build(), plus(1));
		assertThat(((RemoteObject) worker.client()).ready().toCompletableFuture()).succeedsWithin(PATIENCE);
		for (int generation = 1; generation <= 3; generation++) {
			works(counter, worker);
			assertThat(this.setups).hasSize(generation);
			assertThat(this.setups).allMatch("setup of first"::equals);
			if (generation == 1) {
				long pid = pid("first");
				GoPluginMain.kill(pid);
				await().atMost(PATIENCE).until(() -> this.setups.size() == 2);
			}
			else if (generation == 2) {
				this.host.plugins().restart("first").toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
			}
		}
		worker.close();
		assertThat(((RemoteObject) worker.client()).stopped()).isTrue();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> worker.work(text("x")));
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(served("first")).containsExactlyInAnyOrder("registry_id", "helper_id",
					"helper_id", "helper_id"));
		assertThat(status("first").tls()).isEqualTo(autoMtls);
	}

	/**
	 * Calls that hand over, what the request of a created object hands over, callbacks,
	 * and answers that hand over.
	 */
	private void works(Counter counter, Worker worker) {
		await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
			assertThat(counter.add(add(1, 2), plus(10)).getValue()).isEqualTo(13);
			assertThat(counter.add(add(1, 2), null).getValue()).isEqualTo(3);
			assertThat(worker.work(text("four")).getText()).isEqualTo("bob of first does four 5");
		});
		assertThat(counter.async().add(add(1, 2), plus(10))).succeedsWithin(PATIENCE).isEqualTo(number(13));
		counter.keep(plus(100));
		assertThat(counter.addKept(add(1, 2)).getValue()).isEqualTo(103);
		assertThat(counter.register(text("me")).getText()).isEqualTo("me, me of first does x 1 42");
		try (Stream<Number> numbers = counter.countTo(number(3))) {
			assertThat(numbers).extracting(Number::getValue).containsExactly(1L, 2L, 3L);
		}
	}

	@Test
	void whenALotIsCountedThenTheStreamIsPulledAndItsEndEndsTheCall() {
		start(settings("first", false));
		Counter counter = counter("first");
		try (Stream<Number> numbers = counter.countTo(number(100_000))) {
			assertThat(numbers.limit(5)).hasSize(5);
		}
		assertThat(counter.add(add(1, 2), null).getValue()).isEqualTo(3);
	}

	@Test
	void whenACallHasEndedThenWhatItHandedOverIsClosed() {
		start(settings("first", false));
		Counter counter = counter("first");
		for (int i = 0; i < 20; i++) {
			assertThat(counter.add(add(i, 0), plus(1)).getValue()).isEqualTo(i + 1);
		}
		assertThatExceptionOfType(PluggableException.class).isThrownBy(() -> counter.add(add(1, 2), (sum) -> {
			throw new IllegalArgumentException("no");
		}));
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(served("first")).containsExactlyInAnyOrder("registry_id", "helper_id"));
	}

	@Test
	void whenAHostServiceIsHandedOverThenItIsTheOneOfTheApplication() {
		start(settings("first", false));
		HelperKind.INSTANCE.bind(() -> plus(1000)).forEach(this.host.hostServices()::add);
		Counter counter = counter("first");
		assertThat(counter.add(add(1, 2), Helper.hostService()).getValue()).isEqualTo(1003);
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> Helper.hostService().sum(add(1, 2)))
			.withMessageContaining("can only be handed over");
	}

	@Test
	void whenAnObjectOfAnotherPluginIsHandedOverThenCallsReachItsCurrentProcess() throws Exception {
		start(settings("first", false), settings("second", false));
		Counter first = counter("first");
		Counter second = counter("second");
		Worker worker = second.newWorker(NewWorkerRequest.newBuilder().setName("bob").build(), null);
		// Both contracts have other services, so only the way of the call is verified.
		Helper proxy = HelperKind.INSTANCE.createProxy(worker.client());
		for (int i = 0; i < 2; i++) {
			await().atMost(PATIENCE)
				.ignoreExceptionsInstanceOf(ComponentUnavailableException.class)
				.untilAsserted(() -> assertThatExceptionOfType(PluggableException.class)
					.isThrownBy(() -> first.add(add(1, 2), proxy))
					.withMessageContaining("pluggable.test.contract.v1.Helper/Sum"));
			GoPluginMain.kill(pid("second"));
			await().atMost(PATIENCE).until(() -> this.setups.size() > 2);
		}
	}

	@Test
	void whenTheProcessDiesDuringItsSetupThenTheNextOneIsSetUp() {
		AtomicInteger attempts = new AtomicInteger();
		this.answers.set((request) -> {
			if (request.getName().equals("setup of first") && attempts.incrementAndGet() <= 2) {
				GoPluginMain.kill(pid("first"));
			}
			return request.getName();
		});
		start(settings("first", false));
		Counter counter = counter("first");
		await().atMost(PATIENCE)
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(counter.register(text("me")).getText()).startsWith("me, "));
		assertThat(attempts).hasValue(3);
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(served("first")).containsExactlyInAnyOrder("registry_id", "helper_id",
					"helper_id"));
	}

	@Test
	void whenTheSetupFailsThenCallsDoNotPassUntilItSucceeds() {
		AtomicReference<@Nullable String> failure = new AtomicReference<>("not yet");
		this.answers.set((request) -> {
			String reason = failure.get();
			if (reason != null) {
				throw new IllegalStateException(reason);
			}
			return request.getName();
		});
		start(settings("first", false));
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(this.host.registry().find(kind(), "first").orElseThrow().status().state())
				.isEqualTo(ComponentState.INIT_FAILED));
		assertThat(served("first")).as("what a failed setup was given").isEmpty();
		failure.set(null);
		assertThat(counter("first").add(add(1, 2), null).getValue()).isEqualTo(3);
		assertThat(served("first")).contains("registry_id");
	}

	@Test
	void whenTheProcessDiesBetweenServingAndCallingThenTheCallIsMadeOnTheNextOne() {
		start(settings("first", false));
		Counter counter = counter("first");
		AtomicInteger requests = new AtomicInteger();
		Number sum = new ContractCalls(counter.client()).unary(CounterGrpc.getAddMethod(), Lifetime.CALL,
				(references) -> {
					AddRequest request = add(1, 2).toBuilder()
						.setHelperId(references.id("helper_id", plus(10), HelperKind.INSTANCE))
						.build();
					if (requests.incrementAndGet() == 1) {
						long pid = pid("first");
						GoPluginMain.kill(pid);
						await().atMost(PATIENCE).until(() -> ProcessHandle.of(pid).isEmpty());
					}
					return request;
				});
		assertThat(sum.getValue()).isEqualTo(13);
		assertThat(requests).hasValue(2);
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(served("first")).containsExactlyInAnyOrder("registry_id", "helper_id"));
	}

	@Test
	void whenTheProcessDiesDuringACallbackThenTheCallFailsAndTheNextOneWorks() {
		start(settings("first", false));
		Counter counter = counter("first");
		assertThatExceptionOfType(ComponentUnavailableException.class)
			.isThrownBy(() -> counter.add(add(1, 2), (sum) -> {
				GoPluginMain.kill(pid("first"));
				return number(0);
			}))
			.satisfies((ex) -> assertThat(ex.mayHaveBeenApplied()).isTrue());
		await().atMost(PATIENCE)
			.ignoreExceptionsInstanceOf(ComponentUnavailableException.class)
			.untilAsserted(() -> assertThat(counter.add(add(1, 2), plus(1)).getValue()).isEqualTo(4));
		AtomicInteger callbacks = new AtomicInteger();
		this.answers.set((request) -> {
			if (request.getName().equals("me") && callbacks.incrementAndGet() == 1) {
				GoPluginMain.kill(pid("first"));
			}
			return request.getName();
		});
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> counter.register(text("me")));
		await().atMost(PATIENCE)
			.ignoreExceptionsInstanceOf(ComponentUnavailableException.class)
			.untilAsserted(() -> assertThat(counter.register(text("me")).getText()).startsWith("me, "));
	}

	@Test
	void whenTheProcessDiesWhileAnObjectIsCreatedThenItIsCreatedInTheNextOne() {
		start(settings("first", false));
		AtomicInteger creations = new AtomicInteger();
		Worker worker = counter("first").newWorker(NewWorkerRequest.newBuilder().setName("bob").build(), (sum) -> {
			if (creations.incrementAndGet() <= 2) {
				GoPluginMain.kill(pid("first"));
			}
			return number(sum.getA());
		});
		await().atMost(PATIENCE)
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(worker.work(text("x")).getText()).isEqualTo("bob of first does x 1"));
		assertThat(worker.client().generation()).isEqualTo(1);
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(served("first")).containsExactlyInAnyOrder("registry_id", "helper_id",
					"helper_id"));
	}

	@Test
	void whenOneOfTheObjectsOfACallIsLostThenAllAreCreatedByAnotherCall() {
		start(settings("first", false));
		AtomicInteger sums = new AtomicInteger();
		Counter.Pair pair = counter("first").newPair(NewWorkerRequest.newBuilder().setName("bob").build(), (sum) -> {
			sums.incrementAndGet();
			return number(sum.getA());
		});
		pairWorks(pair, 1);
		assertThat(pair.reply().getTitle()).isEqualTo("bob of " + pid("first"));
		int left = pair.reply().getLeftId();
		pair.left().work(text("drop"));
		await().atMost(PATIENCE).until(() -> pair.reply().getLeftId() != left);
		pairWorks(pair, 2);
		long pid = pid("first");
		GoPluginMain.kill(pid);
		await().atMost(PATIENCE).until(() -> !pair.reply().getTitle().equals("bob of " + pid));
		pairWorks(pair, 3);
		assertThat(served("first")).as("setup, its answer, and the helper of the pair")
			.containsExactlyInAnyOrder("registry_id", "helper_id", "helper_id");
		pair.left().close();
		assertThat(pair.right().work(text("x")).getText()).isEqualTo("right bob of first does x 1");
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> pair.left().work(text("x")));
		pair.close();
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(served("first")).containsExactlyInAnyOrder("registry_id", "helper_id"));
		await().atMost(PATIENCE).until(() -> dialed("first").isEmpty());
		assertThat(sums).hasValueGreaterThan(6);
	}

	private void pairWorks(Counter.Pair pair, long generation) {
		await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
			assertThat(pair.left().work(text("x")).getText()).isEqualTo("left bob of first does x 1");
			assertThat(pair.right().work(text("four")).getText()).isEqualTo("right bob of first does four 4");
			assertThat(pair.left().client().generation()).isEqualTo(generation);
			assertThat(pair.right().client().generation()).isEqualTo(generation);
			assertThat(dialed("first")).containsExactlyInAnyOrder("left_id", "right_id");
		});
	}

	@Test
	void whenThePluginHandsOverAnObjectThenItCanBeCalledWhileItsProcessLives() {
		start(settings("first", false));
		Counter counter = counter("first");
		counter.register(text("a"));
		counter.register(text("b"));
		Worker a = this.registered.get(0);
		Worker b = this.registered.get(1);
		assertThat(dialed("first")).containsExactly("worker_id", "worker_id");
		assertThat(a.work(text("x")).getText()).isEqualTo("a of first does x 1");
		a.close();
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> a.work(text("x")));
		assertThat(dialed("first")).containsExactly("worker_id");
		assertThat(b.work(text("drop")).getText()).isEqualTo("b of first does drop 4");
		await().atMost(PATIENCE).until(() -> dialed("first").isEmpty());
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> b.work(text("x")));
		counter.register(text("c"));
		Worker c = this.registered.get(2);
		GoPluginMain.kill(pid("first"));
		await().atMost(PATIENCE).until(() -> this.setups.size() == 2);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> c.work(text("x")));
		await().atMost(PATIENCE)
			.ignoreExceptions()
			.untilAsserted(() -> assertThat(counter.register(text("nobody")).getText()).isEqualTo("nobody 42"));
	}

	@Test
	void whenThePluginClosesAnObjectOfAnAnswerThenItsConnectionAndSocketEnd() throws Exception {
		start(settings("first", false));
		Counter counter = counter("first");
		assertThat(counter.register(text("nobody")).getText()).isEqualTo("nobody 42");
		List<String> served = served("first");
		assertThat(served).contains("helper_id");
		int files = files();
		for (int i = 1; i <= 5; i++) {
			assertThat(counter.register(text("nobody briefly")).getText()).isEqualTo("nobody briefly 42");
			assertThat(this.closed).hasValue(i);
		}
		await().atMost(PATIENCE).untilAsserted(() -> {
			assertThat(served("first")).isEqualTo(served);
			assertThat(files()).isEqualTo(files);
		});
	}

	private int files() throws IOException {
		try (Stream<Path> files = Files.walk(this.folder)) {
			return (int) files.count();
		}
	}

	@Test
	void whenAPartOfAComponentIsNotWellThenTheProbeTellsWhichOne() {
		start(settings("first", false));
		Worker worker = counter("first").newWorker(NewWorkerRequest.newBuilder().setName("bob").build(), null);
		await().atMost(PATIENCE).untilAsserted(() -> {
			assertThat(probe().health()).isEqualTo(ProbeResult.Health.UP);
			assertThat(probe().parts()).containsExactly(Map.entry("Counter", ""), Map.entry("Counter.Workers", ""));
		});
		worker.work(text("sick today"));
		await().atMost(PATIENCE).untilAsserted(() -> {
			assertThat(probe().health()).isEqualTo(ProbeResult.Health.DOWN);
			assertThat(probe().detail()).isEqualTo("health report: Counter.Workers: sick today");
			assertThat(probe().parts()).containsEntry("Counter.Workers", "sick today");
		});
		worker.close();
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(probe().detail()).isEqualTo("health report: Counter.Workers: closed bob"));
	}

	private ProbeResult probe() {
		return this.host.registry().find(kind(), "first").orElseThrow().status().probe();
	}

	@Test
	void whenThePluginHandsOverANumberThatItDoesNotServeThenItsCallFails() {
		start(settings("first", false));
		Counter counter = counter("first");
		assertThatExceptionOfType(PluggableException.class).isThrownBy(() -> counter.register(text("unannounced")))
			.withMessageContaining("did not announce connection 77777 (worker_id)");
	}

	private void start(PluginSettings... plugins) {
		this.host = new ComponentHost(
				HostSettings.defaults()
					.withDeclarations(Stream.of(plugins).map((plugin) -> declaration(plugin.name())).toList())
					.withPlugins(List.of(plugins))
					.withPluginDirectory(this.folder)
					.withEndpoints(new EndpointSettings(Duration.ofSeconds(5), Duration.ofMillis(200),
							Duration.ofSeconds(5), Duration.ofMinutes(10))),
				List.of(kind()), List.of(), (endpoint, builder) -> {
				});
		RegistryKind.INSTANCE.bind(() -> this.registry).forEach(this.host.hostServices()::add);
		this.host.start();
	}

	private CounterKind kind() {
		return new CounterKind(() -> (context) -> {
			this.setups.add("setup of " + context.name());
			return new Counter.Setup(SetupRequest.newBuilder().setName(context.name()).build(), Registry.hostService());
		});
	}

	private static ComponentDeclaration declaration(String plugin) {
		return new ComponentDeclaration(plugin, ComponentType.of("counter." + plugin), false, Map.of(),
				new ComponentSettings(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30),
						4 * 1024 * 1024));
	}

	private static PluginSettings settings(String name, boolean autoMtls) {
		return GoPluginMain.settings(name, ContractPluginMain.class)
			.withAutoMtls(autoMtls)
			.withRestart(new RestartSettings(RestartSettings.Policy.ALWAYS, Duration.ofMillis(10),
					Duration.ofMillis(100), 0.2, 0, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ZERO));
	}

	private Counter counter(String plugin) {
		await().atMost(PATIENCE)
			.until(() -> this.host.registry()
				.find(kind(), plugin)
				.filter((component) -> component.status().state() == ComponentState.READY)
				.isPresent());
		return this.host.registry().find(kind(), plugin).orElseThrow().instance();
	}

	private List<String> served(String plugin) {
		return status(plugin).served().stream().map(BrokeredConnection::name).toList();
	}

	private List<String> dialed(String plugin) {
		return status(plugin).dialed().stream().map(BrokeredConnection::name).toList();
	}

	private PluginStatus status(String plugin) {
		return this.host.plugins().status(plugin).orElseThrow();
	}

	private long pid(String plugin) {
		await().atMost(PATIENCE).until(() -> status(plugin).pid() != null);
		return status(plugin).pid();
	}

	private static Helper plus(long more) {
		return (sum) -> number(sum.getA() + sum.getB() + more);
	}

	private static AddRequest add(long a, long b) {
		return AddRequest.newBuilder().setA(a).setB(b).build();
	}

	private static Number number(long value) {
		return Number.newBuilder().setValue(value).build();
	}

	private static Text text(String text) {
		return Text.newBuilder().setText(text).build();
	}

}
