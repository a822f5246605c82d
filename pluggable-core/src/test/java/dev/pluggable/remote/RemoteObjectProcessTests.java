package dev.pluggable.remote;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.PatientAwaitility;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.ChainPluginMain;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.observation.CallListener;
import dev.pluggable.observation.ObservedCall;
import dev.pluggable.observation.Observers;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.RestartSettings;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link RemoteObject} with two real processes. The first process creates a
 * workshop, the workshop creates a worker, and the worker speaks through the speaker of
 * the second process. Workshop and worker sign with the host's keystore. After a process
 * was replaced, the same objects work again.
 */
@Timeout(300)
@ExtendWith(PatientAwaitility.class)
class RemoteObjectProcessTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final Duration CALL_TIMEOUT = Duration.ofMillis(1500);

	private Path folder;

	private ComponentHost host;

	private final List<RemoteObject> objects = new ArrayList<>();

	private final Queue<String> observedCalls = new ConcurrentLinkedQueue<>();

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "rop");
	}

	@AfterEach
	void leavesNothing() throws Exception {
		this.objects.forEach(RemoteObject::close);
		this.host.close();
		try (Stream<Path> left = Files.list(this.folder)) {
			assertThat(left).isEmpty();
		}
		Files.delete(this.folder);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenAnyPartOfTheChainIsReplacedThenTheSameObjectsWorkAgain(boolean autoMtls) throws Exception {
		start(settings("first", autoMtls), settings("second", autoMtls));
		ComponentClient first = root("first");
		ComponentClient second = root("second");

		RemoteObject speaker = create(second, "speaker",
				(creation) -> id(creation, ChainPluginMain.ROOT, "NewSpeaker", "somebody"));
		RemoteObject workshop = create(first, "workshop", RemoteObjectProcessTests::newWorkshop);
		RemoteObject worker = create(workshop, "worker", (creation) -> id(creation, ChainPluginMain.WORKSHOP,
				"NewWorker", Integer.toString(creation.proxy("speaker", speaker))));
		worker.ready().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		works(worker, workshop, 1);

		GoPluginMain.kill(pid("first"));
		replaced(workshop, 2);
		works(worker, workshop, 2);
		assertThat(speaker.generation()).isEqualTo(1);

		drop(workshop, ChainPluginMain.WORKSHOP);
		replaced(workshop, 3);
		works(worker, workshop, 3);

		drop(worker, ChainPluginMain.WORKER);
		replaced(worker, worker.generation() + 1);
		works(worker, workshop, 3);

		long before = worker.generation();
		GoPluginMain.kill(pid("second"));
		replaced(speaker, 2);
		works(worker, workshop, 3);

		drop(speaker, ChainPluginMain.SPEAKER);
		replaced(speaker, 3);
		works(worker, workshop, 3);
		assertThat(worker.generation()).as("the same proxy forwards calls to the speaker").isEqualTo(before);

		this.host.plugins().restart("first").toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		replaced(workshop, 4);
		works(worker, workshop, 4);

		await().atMost(PATIENCE).untilAsserted(() -> {
			assertThat(status("first").served()).extracting(BrokeredConnection::name)
				.containsExactlyInAnyOrder(ChainPluginMain.KEYSTORE, "speaker");
			assertThat(status("first").dialed()).extracting(BrokeredConnection::name)
				.containsExactlyInAnyOrder("workshop", "worker");
			assertThat(status("second").served()).isEmpty();
			assertThat(status("second").dialed()).extracting(BrokeredConnection::name).containsExactly("speaker");
		});
		assertThat(status("first").tls()).isEqualTo(autoMtls);
	}

	@Test
	void whenAnObjectIsCalledThenAListenerHearsOfTheCallAndOfWhatTheProxyForwards() throws Exception {
		start(settings("first", false), settings("second", false));
		RemoteObject speaker = create(root("second"), "speaker",
				(creation) -> id(creation, ChainPluginMain.ROOT, "NewSpeaker", "somebody"));
		RemoteObject workshop = create(root("first"), "workshop", RemoteObjectProcessTests::newWorkshop);
		RemoteObject worker = create(workshop, "worker", (creation) -> id(creation, ChainPluginMain.WORKSHOP,
				"NewWorker", Integer.toString(creation.proxy("speaker", speaker))));
		works(worker, workshop, 1);
		assertThat(this.observedCalls).contains("first worker Work OK", "second speaker Say OK");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenThePluginEndsItsConnectionsInPeaceThenNoCallFailsAndObjectsStay(boolean autoMtls) throws Exception {
		start(settings("first", autoMtls, "max-connection-age=1000"));
		ComponentClient root = root("first");
		RemoteObject workshop = create(root, "workshop", RemoteObjectProcessTests::newWorkshop);
		workshop.ready().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		List<ComponentGeneration> heard = new CopyOnWriteArrayList<>();
		workshop.onGeneration(heard::add);
		long pid = pid("first");
		List<String> states = new ArrayList<>();
		try (LogCapture logs = new LogCapture()) {
			long end = root.generation() + 4;
			while (root.generation() < end) {
				assertThat(Texts.call(workshop.channel(), ChainPluginMain.WORKSHOP, "Sign", "x")).isEqualTo("signed x");
				assertThat(HealthGrpc.newBlockingStub(root.channel())
					.check(HealthCheckRequest.getDefaultInstance())
					.getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
				states.add(status("first").state() + " " + status("first").answering());
			}
			assertThat(logs.text()).doesNotContain("WARN").doesNotContain("ERROR");
		}
		assertThat(states).containsOnly("READY true");
		await().atMost(PATIENCE).until(() -> heard.size() > 2);
		assertThat(heard.get(heard.size() - 1).continues(heard.get(0))).as("created once").isTrue();
		assertThat(pid("first")).isEqualTo(pid);
		RemoteObject another = create(root, "another", RemoteObjectProcessTests::newWorkshop);
		another.ready().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
	}

	@Test
	void whenAProcessIsReplacedThenEndlessStreamsEndAfterTheCallTimeoutAndTheProcessEnds() throws Exception {
		start(CALL_TIMEOUT, settings("first", false), settings("second", false));
		ComponentClient second = root("second");
		RemoteObject speaker = create(second, "speaker",
				(creation) -> id(creation, ChainPluginMain.ROOT, "NewSpeaker", "somebody"));
		RemoteObject workshop = create(root("first"), "workshop", RemoteObjectProcessTests::newWorkshop);
		RemoteObject worker = create(workshop, "worker", (creation) -> id(creation, ChainPluginMain.WORKSHOP,
				"NewWorker", Integer.toString(creation.proxy("speaker", speaker))));
		works(worker, workshop, 1);
		CountDownLatch begun = new CountDownLatch(2);
		CompletableFuture<Status> launched = Texts.follow(second.channel(), ChainPluginMain.ROOT, "Watch",
				begun::countDown);
		CompletableFuture<Status> brokered = Texts.follow(speaker.channel(), ChainPluginMain.SPEAKER, "Watch",
				begun::countDown);
		CompletableFuture<String> proxied = new CompletableFuture<>();
		Thread follower = new Thread(() -> proxied
			.complete(ClientCalls.blockingUnaryCall(worker.channel(), Texts.unary(ChainPluginMain.WORKER, "Follow"),
					CallOptions.DEFAULT.withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS), "x")));
		follower.start();
		assertThat(begun.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(Texts.call(worker.channel(), ChainPluginMain.WORKER, "Following", "x")).isEqualTo("true");
		long pid = pid("second");

		this.host.plugins().restart("second").toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

		assertThat(List.of(launched.get(PATIENCE.toSeconds(), TimeUnit.SECONDS),
				brokered.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)))
			.allSatisfy((status) -> {
				assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
				assertThat(status.getDescription()).contains("was replaced", "no deadline", "call-timeout");
			});
		assertThat(proxied.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).startsWith("UNAVAILABLE: ")
			.contains("was replaced", "no deadline", "call-timeout");
		follower.join();
		await().atMost(PATIENCE).until(() -> ProcessHandle.of(pid).isEmpty());
		works(worker, workshop, 1);
	}

	/**
	 * Each call passes the number of a connection that is served for this call alone.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenAProcessIsReplacedWhileCallsPassNumbersThenNoneIsLost(boolean autoMtls) throws Exception {
		start(settings("first", autoMtls));
		ComponentClient client = root("first");
		AtomicReference<PluginBroker> broker = new AtomicReference<>();
		client.onGeneration((generation) -> broker.set(generation.attributes().get(PluginBroker.KEY)));
		await().until(() -> broker.get() != null);
		ServerServiceDefinition keystore = Texts.service(ChainPluginMain.KEYSTORE, "Sign", (text) -> "signed " + text);
		AtomicInteger calls = new AtomicInteger();
		AtomicBoolean running = new AtomicBoolean(true);
		Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
		List<Thread> callers = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			Thread caller = new Thread(() -> {
				while (running.get()) {
					try (BrokeredServer server = broker.get().serve("keystore", List.of(keystore))) {
						String id = Integer.toString(server.id());
						assertThat(Texts.call(client.channel(), ChainPluginMain.ROOT, "CallBack", id))
							.isEqualTo("signed " + id);
						calls.incrementAndGet();
					}
					catch (RuntimeException | AssertionError ex) {
						failures.add(ex);
					}
				}
			});
			caller.start();
			callers.add(caller);
		}
		// A call with certificates takes ten times the time.
		int between = autoMtls ? 10 : 50;
		int restarts = autoMtls ? 2 : 4;
		for (int i = 0; i < restarts; i++) {
			int before = calls.get();
			await().atMost(PATIENCE).until(() -> calls.get() > before + between || !failures.isEmpty());
			this.host.plugins().restart("first").toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		}
		int before = calls.get();
		await().atMost(PATIENCE).until(() -> calls.get() > before + between || !failures.isEmpty());
		running.set(false);
		for (Thread caller : callers) {
			caller.join();
		}
		assertThat(failures).as("of %s calls", calls).isEmpty();
		await().until(() -> status("first").served().isEmpty());
	}

	@Test
	void whenAPluginOrTheHostIsStoppedThenThatIsNoFault() throws Exception {
		start(settings("first", false), settings("second", false));
		RemoteObject first = create(root("first"), "workshop", RemoteObjectProcessTests::newWorkshop);
		RemoteObject second = create(root("second"), "workshop", RemoteObjectProcessTests::newWorkshop);
		first.ready().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		second.ready().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		assertThat(first.stopped()).isFalse();
		try (LogCapture logs = new LogCapture()) {
			this.host.plugins().stop("first").toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
			await().until(() -> !first.connected());
			assertThat(first.stopped()).isTrue();
			assertThat(first.unavailability()).contains("plugin 'first' is stopped");
			assertThat(second.stopped()).isFalse();
			this.host.close();
			await().until(() -> !second.connected());
			assertThat(second.stopped()).isTrue();
			second.close(Texts.unary(ChainPluginMain.WORKSHOP, "Drop"), "x");
			assertThat(logs.text().lines()).noneMatch((line) -> line.startsWith("WARN ") || line.startsWith("ERROR "))
				.anyMatch((line) -> line.startsWith("DEBUG Remote object 'workshop' has ended with its process"));
		}
	}

	@Test
	void whenAPluginIsStoppedThenItsProcessDoesNotWaitForItsObjects() throws Exception {
		start(settings("first", false));
		RemoteObject workshop = create(root("first"), "workshop", RemoteObjectProcessTests::newWorkshop);
		workshop.ready().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		this.host.plugins().stop("first").toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		// The object has let go before the process ended, and not the other way round.
		assertThat(workshop.status().reason()).contains("its process is being stopped");
		this.host.plugins().start("first").toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		replaced(workshop, 2);
	}

	@Test
	void whenAStoppedPluginIsStartedAgainThenItsObjectsAreThereAgain() throws Exception {
		start(settings("first", false));
		RemoteObject workshop = create(root("first"), "workshop", RemoteObjectProcessTests::newWorkshop);
		workshop.ready().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		long before = System.nanoTime();
		this.host.plugins().stop("first").toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		assertThat(Duration.ofNanos(System.nanoTime() - before)).as("an idle object does not hold its process")
			.isLessThan(Duration.ofSeconds(10));
		await().until(() -> !workshop.connected());
		this.host.plugins().start("first").toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		replaced(workshop, 2);
		assertThat(workshop.stopped()).isFalse();
		assertThat(Texts.call(workshop.channel(), ChainPluginMain.WORKSHOP, "Sign", "x")).isEqualTo("signed x");
	}

	private CallListener.End observed(ObservedCall call, Metadata headers) {
		return (result, status) -> this.observedCalls
			.add(call.endpoint() + " " + call.component() + " " + call.operation() + " " + result.outcome());
	}

	private static int newWorkshop(RemoteObject.Creation creation) {
		return id(creation, ChainPluginMain.ROOT, "NewWorkshop",
				Integer.toString(creation.offer(ChainPluginMain.KEYSTORE)));
	}

	private void start(PluginSettings... plugins) {
		start(HostSettings.defaultComponentSettings().callTimeout(), plugins);
	}

	private void start(Duration callTimeout, PluginSettings... plugins) {
		this.host = new ComponentHost(HostSettings.defaults()
			.withDeclarations(Stream.of(plugins).map((plugin) -> declaration(plugin.name(), callTimeout)).toList())
			.withPlugins(List.of(plugins))
			.withPluginDirectory(this.folder), List.of(new RootKind()), List.of(), (endpoint, builder) -> {
			}, Observers.NONE.withCalls(this::observed));
		this.host.hostServices().add(Texts.service(ChainPluginMain.KEYSTORE, "Sign", (text) -> "signed " + text));
		this.host.start();
	}

	/**
	 * Verify that the current workshop has created the worker.
	 */
	private static void works(RemoteObject worker, RemoteObject workshop, long generation) {
		await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
			assertThat(workshop.generation()).isEqualTo(generation);
			assertThat(worker.generation()).isGreaterThanOrEqualTo(generation);
			assertThat(Texts.call(workshop.channel(), ChainPluginMain.WORKSHOP, "Sign", "x")).isEqualTo("signed x");
			assertThat(Texts.call(worker.channel(), ChainPluginMain.WORKER, "Work", "x"))
				.isEqualTo("somebody says signed x");
		});
	}

	private static void replaced(RemoteObject object, long generation) {
		await().atMost(PATIENCE).until(() -> object.generation() >= generation && object.connected());
	}

	private static void drop(RemoteObject object, String service) {
		assertThat(Texts.call(object.channel(), service, "Drop", "x")).isEqualTo("dropped");
	}

	private static int id(RemoteObject.Creation creation, String service, String method, String request) {
		return Integer.parseInt(Texts.call(creation.channel(), service, method, request));
	}

	private RemoteObject create(ComponentClient parent, String name, RemoteObject.Creator creator) {
		RemoteObject object = RemoteObject.create(parent, name, creator);
		this.objects.add(object);
		return object;
	}

	private static ComponentDeclaration declaration(String plugin, Duration callTimeout) {
		return new ComponentDeclaration(plugin, ComponentType.of("chain." + plugin), false, Map.of(),
				new ComponentSettings(callTimeout, Duration.ofSeconds(30), Duration.ZERO, 4 * 1024 * 1024));
	}

	/**
	 * Create settings of a plugin without reflection. Reflection needs descriptors, and
	 * the services of {@code Texts} have none.
	 */
	private static PluginSettings settings(String name, boolean autoMtls, String... options) {
		List<String> arguments = new ArrayList<>(List.of(options));
		arguments.add("no-reflection");
		return GoPluginMain.settings(name, ChainPluginMain.class, arguments.toArray(String[]::new))
			.withAutoMtls(autoMtls)
			.withRestart(new RestartSettings(RestartSettings.Policy.ALWAYS, Duration.ofMillis(10),
					Duration.ofMillis(100), 0.2, 0, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ZERO));
	}

	private ComponentClient root(String plugin) {
		RootKind kind = new RootKind();
		await().atMost(PATIENCE)
			.until(() -> this.host.registry()
				.find(kind, plugin)
				.filter((component) -> component.status().state() == ComponentState.READY)
				.isPresent());
		return this.host.registry().find(kind, plugin).orElseThrow().instance();
	}

	private PluginStatus status(String plugin) {
		return this.host.plugins().status(plugin).orElseThrow();
	}

	private long pid(String plugin) {
		await().atMost(PATIENCE).until(() -> status(plugin).pid() != null);
		return status(plugin).pid();
	}

	/**
	 * A kind whose proxy gives access to the client of the component.
	 */
	private record RootKind() implements ComponentKind<ComponentClient> {

		@Override
		public String name() {
			return "chain";
		}

		@Override
		public Class<ComponentClient> type() {
			return ComponentClient.class;
		}

		@Override
		public List<String> services() {
			return List.of(ChainPluginMain.ROOT);
		}

		@Override
		public ComponentClient createProxy(ComponentClient client) {
			return client;
		}

		@Override
		public CompletionStage<?> ping(Channel channel) {
			return CompletableFuture.completedFuture(null);
		}

	}

}
