package dev.pluggable.sample.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.pluggable.Component;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.Answers;
import dev.pluggable.fixtures.Collected;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetResponse;
import dev.pluggable.grpc.DynamicCalls;
import dev.pluggable.grpc.DynamicService;
import dev.pluggable.grpc.DynamicServiceKind;
import dev.pluggable.grpc.GrpcKind;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Calls servers in Go, Python and Node by stubs of which the host knows nothing, and by
 * their descriptors. Compares Dapr's contract with those of the SDKs. Fails if Go, Node
 * or Python is missing.
 */
@Tag("interop")
class UnknownServicesInteropTests {

	private static final Counterpart PYTHON_SECRETS = Counterpart.of("python-secrets");

	private static final ComponentSettings SETTINGS = new ComponentSettings(Duration.ofSeconds(20),
			Duration.ofSeconds(20), Duration.ZERO, Duration.ofSeconds(60), 1 << 20);

	private static final int MESSAGES = 10;

	@TempDir
	Path folder;

	private final List<ComponentProcess> processes = new ArrayList<>();

	private ComponentHost host;

	@AfterEach
	void stop() {
		if (this.host != null) {
			this.host.close();
		}
		this.processes.forEach(ComponentProcess::close);
	}

	private void start(List<ComponentDeclaration> declarations) {
		this.host = new ComponentHost(
				HostSettings.defaults().withSocketFolders(Set.of(this.folder)).withDeclarations(declarations));
		this.host.start();
	}

	private ComponentProcess startPythonGreeter(String... options) throws Exception {
		PYTHON_SECRETS.run("./build.sh");
		Path script = Path.of("src", "test", "python", "greeter.py").toAbsolutePath();
		Path protos = Path.of("..", "..", "pluggable-core", "src", "test", "protobuf").toAbsolutePath().normalize();
		Path socket = this.folder.resolve("greeter.sock");
		Files.deleteIfExists(socket);
		List<String> command = new ArrayList<>(
				List.of("target/venv/bin/python", script.toString(), socket.toString(), protos.toString()));
		command.addAll(List.of(options));
		ComponentProcess process = PYTHON_SECRETS.start(this.folder, command.toArray(String[]::new));
		this.processes.add(process);
		return process;
	}

	private static GreetRequest request(String name) {
		return GreetRequest.newBuilder().setName(name).setTimes(2).build();
	}

	@Test
	void whenAServerIsInPythonThenStubsCallItAlsoAfterItsProcessWasReplaced() throws Exception {
		start(List.of(new ComponentDeclaration("hello", ComponentType.of("grpc.greeter"), false, Map.of(), SETTINGS)
			.withServices(List.of(GreeterGrpc.SERVICE_NAME))));
		Channel channel = this.host.registry().find(GrpcKind.INSTANCE, "hello").orElseThrow().instance();
		GreeterGrpc.GreeterBlockingStub stub = GreeterGrpc.newBlockingStub(channel);
		for (int process = 0; process < 2; process++) {
			ComponentProcess python = startPythonGreeter();
			assertThat(stub.greet(request("Ada")).getGreeting()).isEqualTo("Hello, Ada");
			assertThat(stub.greetOften(request("Bob"))).toIterable()
				.extracting((response) -> response.getGreeting())
				.containsExactly("Hello, Bob 0", "Hello, Bob 1");
			Answers answers = new Answers();
			StreamObserver<GreetRequest> names = GreeterGrpc.newStub(channel).greetEach(answers);
			names.onNext(request("Cleo"));
			names.onCompleted();
			answers.await();
			assertThat(answers.greetings).containsExactly("Hello, Cleo");
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> stub.greet(request("nobody")))
				.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND))
				.withCauseInstanceOf(ComponentException.class);
			python.kill();
		}
	}

	@Test
	void whenAServerIsInPythonThenItsDescriptorsAreEnough() throws Exception {
		startPythonGreeter();
		start(List.of());
		String name = "greeter." + GreeterGrpc.SERVICE_NAME;
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> this.host.registry().find(DynamicServiceKind.INSTANCE, name).isPresent());
		DynamicCalls<String> calls = this.host.registry().components(DynamicServiceKind.INSTANCE).get(name).json();
		assertThat(calls.unary("Greet", "{\"name\":\"Ada\"}")).isEqualTo("{\"greeting\":\"Hello, Ada\"}");
		try (Stream<String> often = calls.stream("GreetOften", "{\"name\":\"Ada\",\"times\":2}")) {
			assertThat(often).containsExactly("{\"greeting\":\"Hello, Ada 0\"}", "{\"greeting\":\"Hello, Ada 1\"}");
		}
		Collected<String> all = new Collected<>();
		ClientCallStreamObserver<String> names = calls.clientStream("GreetAll", all);
		names.onNext("{\"name\":\"Bob\"}");
		names.onNext("{\"name\":\"Cleo\"}");
		names.onCompleted();
		assertThat(all.await()).containsExactly("{\"greeting\":\"Hello, Bob and Cleo\"}");
		Collected<String> each = new Collected<>();
		names = calls.bidiStream("GreetEach", each);
		names.onNext("{\"name\":\"Dan\"}");
		names.onCompleted();
		assertThat(each.await()).containsExactly("{\"greeting\":\"Hello, Dan\"}");
	}

	@ParameterizedTest
	@CsvSource({ "200, 20", "1000, 5" })
	void whenConnectionsHaveAMaximumAgeThenNoCallAndNoStreamFails(String age, int renewals) throws Exception {
		startPythonGreeter(age);
		start(List.of(
				new ComponentDeclaration("hello", ComponentType.of("grpc.greeter"), false, Map.of(), SETTINGS)
					.withServices(List.of(GreeterGrpc.SERVICE_NAME)),
				new ComponentDeclaration("named", ComponentType.of("dynamic.greeter"), false, Map.of(), SETTINGS)
					.withServices(List.of(GreeterGrpc.SERVICE_NAME))));
		Channel channel = this.host.registry().find(GrpcKind.INSTANCE, "hello").orElseThrow().instance();
		DynamicCalls<String> calls = this.host.registry()
			.find(DynamicServiceKind.INSTANCE, "named")
			.orElseThrow()
			.instance()
			.json();
		GreeterGrpc.GreeterBlockingStub stub = GreeterGrpc.newBlockingStub(channel);
		String json = "{\"name\":\"Ada\",\"times\":2}";
		List<Callable<?>> uses = List.of(() -> stub.greet(request("Ada")).getGreeting(),
				() -> GreeterGrpc.newFutureStub(channel).greet(request("Ada")).get(20, TimeUnit.SECONDS),
				() -> assertThat(stub.greetOften(request("Ada"))).toIterable().hasSize(2),
				() -> stream((StreamObserver<GreetResponse> answers) -> GreeterGrpc.newStub(channel).greetAll(answers),
						request("Ada"), 1),
				() -> stream((StreamObserver<GreetResponse> answers) -> GreeterGrpc.newStub(channel).greetEach(answers),
						request("Ada"), MESSAGES),
				() -> calls.unary("Greet", json), () -> calls.async("Greet", json).get(), () -> {
					try (Stream<String> often = calls.stream("GreetOften", json)) {
						return assertThat(often).hasSize(2);
					}
				}, () -> stream((StreamObserver<String> answers) -> calls.clientStream("GreetAll", answers), json, 1),
				() -> stream((StreamObserver<String> answers) -> calls.bidiStream("GreetEach", answers), json,
						MESSAGES));
		AtomicBoolean running = new AtomicBoolean(true);
		ExecutorService threads = Executors.newFixedThreadPool(uses.size());
		try {
			stub.greet(request("Ada"));
			calls.unary("Greet", json);
			List<Future<Integer>> done = uses.stream().map((use) -> threads.submit(() -> {
				int times = 0;
				while (running.get()) {
					use.call();
					times++;
				}
				return times;
			})).toList();
			long first = generation();
			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.until(() -> generation() >= first + renewals || done.stream().anyMatch(Future::isDone));
			running.set(false);
			for (Future<Integer> use : done) {
				assertThat(use.get(60, TimeUnit.SECONDS)).isPositive();
			}
			assertThat(generation()).isGreaterThanOrEqualTo(first + renewals);
		}
		finally {
			threads.shutdownNow();
		}
	}

	/**
	 * Send messages over half a second, and verify the number of answers.
	 */
	private static <Q, R> List<R> stream(Function<StreamObserver<R>, StreamObserver<Q>> call, Q message, int answers)
			throws Exception {
		Collected<R> collected = new Collected<>();
		StreamObserver<Q> requests = call.apply(collected);
		for (int i = 0; i < MESSAGES; i++) {
			requests.onNext(message);
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
		}
		requests.onCompleted();
		assertThat(collected.await()).hasSize(answers);
		return collected.await();
	}

	private long generation() {
		return this.host.endpoints().get(0).generation();
	}

	@Test
	void whenComponentsUseTheSdksThenTheirContractsAgreeAndTheirDescriptorsAreEnough() throws Exception {
		for (String go : List.of("go-memory", "go-pubsub", "go-bindings")) {
			Counterpart counterpart = Counterpart.of(go);
			this.processes.add(counterpart.start(this.folder,
					counterpart.goBuild(Files.createDirectory(this.folder.resolve(go))).toString()));
		}
		Counterpart.of("node-state").run("npm", "ci");
		this.processes.add(Counterpart.of("node-state").start(this.folder, "node", "main.js"));
		PYTHON_SECRETS.run("./build.sh");
		this.processes.add(PYTHON_SECRETS.start(this.folder, "target/venv/bin/python", "main.py"));
		List<ComponentDeclaration> declarations = new ArrayList<>();
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> sockets().size() == 5);
		start(List.of());
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> this.host.endpoints().size() == 5
					&& this.host.endpoints().stream().allMatch((endpoint) -> !endpoint.services().isEmpty()));
		this.host.endpoints()
			.forEach(
					(endpoint) -> endpoint.services()
						.stream()
						.filter((service) -> service.startsWith("dapr.proto.components.v1."))
						.forEach((service) -> declarations.add(new ComponentDeclaration(
								(endpoint.name() + "-" + service.substring(service.lastIndexOf('.') + 1))
									.toLowerCase(Locale.ROOT),
								new ComponentType("dynamic", endpoint.name()), false, Map.of(), SETTINGS)
							.withServices(List.of(service)))));
		this.host.close();
		start(declarations);
		for (ComponentDeclaration declaration : declarations) {
			Component<DynamicService> component = this.host.registry()
				.find(DynamicServiceKind.INSTANCE, declaration.name())
				.orElseThrow();
			DynamicService service = component.instance();
			if (service.descriptor().findMethodByName("Ping") != null) {
				assertThat(service.json().unary("Ping", "{}")).isEqualTo("{}");
			}
			assertThat(component.status().state()).isEqualTo(ComponentState.READY);
		}
		assertThat(this.host.registry().components()).filteredOn((component) -> !component.contractProblems().isEmpty())
			.extracting((component) -> component.id() + " " + component.contractProblems())
			.isEmpty();
	}

	private List<Path> sockets() throws Exception {
		try (Stream<Path> files = Files.list(this.folder)) {
			return files.filter((file) -> file.toString().endsWith(".sock")).toList();
		}
	}

}
