package dev.pluggable.grpc;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import com.google.common.util.concurrent.ListenableFuture;
import dev.pluggable.Component;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.Answers;
import dev.pluggable.fixtures.FakeGreeter;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.fixtures.GreeterMain;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetResponse;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link GrpcKind} with generated stubs on real sockets and processes.
 */
@Timeout(60)
class GrpcKindTests {

	private static final ComponentSettings SETTINGS = new ComponentSettings(Duration.ofSeconds(5),
			Duration.ofSeconds(5), Duration.ZERO, Duration.ofSeconds(50), 1 << 20);

	@TempDir
	Path folder;

	private ComponentHost host;

	@AfterEach
	void close() {
		if (this.host != null) {
			this.host.close();
		}
	}

	private FakeGreeter greeter() {
		return new FakeGreeter(this.folder.resolve("greeter.sock"));
	}

	private static ComponentDeclaration declaration() {
		return new ComponentDeclaration("hello", ComponentType.of("grpc.greeter"), false, Map.of(), SETTINGS);
	}

	private Component<Channel> start(ComponentDeclaration declaration) {
		start(HostSettings.defaults().withDeclarations(List.of(declaration)));
		return this.host.registry().find(GrpcKind.INSTANCE, declaration.name()).orElseThrow();
	}

	private void start(HostSettings settings) {
		this.host = new ComponentHost(settings.withSocketFolders(Set.of(this.folder)));
		this.host.start();
	}

	private static GreetRequest request(String name) {
		return GreetRequest.newBuilder().setName(name).build();
	}

	@Test
	void whenAServiceIsUnknownThenEachStubCallsIt() throws Exception {
		try (FakeGreeter greeter = greeter().start()) {
			Channel channel = start(declaration()).instance();
			assertThat(GreeterGrpc.newBlockingStub(channel).greet(request("Ada")).getGreeting())
				.isEqualTo("Hello, Ada");
			assertThat(GreeterGrpc.newBlockingV2Stub(channel).greet(request("Bob")).getGreeting())
				.isEqualTo("Hello, Bob");
			ListenableFuture<GreetResponse> future = GreeterGrpc.newFutureStub(channel).greet(request("Cleo"));
			assertThat(future.get(10, TimeUnit.SECONDS).getGreeting()).isEqualTo("Hello, Cleo");
			Answers answers = new Answers();
			StreamObserver<GreetRequest> names = GreeterGrpc.newStub(channel).greetEach(answers);
			names.onNext(request("Dan"));
			names.onNext(request("Eve"));
			names.onCompleted();
			answers.await();
			assertThat(answers.greetings).containsExactly("Hello, Dan", "Hello, Eve");
			assertThat(answers.failure).isNull();
			assertThat(greeter.calls).containsExactly("hello Greet", "hello Greet", "hello Greet", "hello GreetEach");
		}
	}

	@Test
	void whenTheProcessIsNotThereThenCallsWaitForIt() throws Exception {
		Channel channel = start(declaration()).instance();
		ListenableFuture<GreetResponse> future = GreeterGrpc.newFutureStub(channel).greet(request("Ada"));
		assertThat(future).isNotDone();
		try (FakeGreeter greeter = greeter().start()) {
			assertThat(future.get(10, TimeUnit.SECONDS).getGreeting()).isEqualTo("Hello, Ada");
		}
	}

	@Test
	void whenTheProcessIsReplacedThenCallsReachTheNextOne() {
		Channel channel = start(declaration()).instance();
		GreeterGrpc.GreeterBlockingStub stub = GreeterGrpc.newBlockingStub(channel);
		for (int process = 0; process < 2; process++) {
			try (ComponentProcess greeter = ComponentProcess.java(GreeterMain.class,
					this.folder.resolve("greeter.sock").toString())) {
				assertThat(stub.greet(request("Ada")).getGreeting()).isEqualTo("Hello, Ada");
				greeter.kill();
			}
		}
	}

	@Test
	void whenACallFailsThenItsStatusHasTheExceptionAsCause() throws Exception {
		try (FakeGreeter greeter = greeter().start()) {
			Channel channel = start(declaration()).instance();
			assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> GreeterGrpc.newBlockingStub(channel).greet(request("nobody")))
				.satisfies((ex) -> assertNotFound(ex.getStatus()));
			assertThatExceptionOfType(StatusException.class)
				.isThrownBy(() -> GreeterGrpc.newBlockingV2Stub(channel).greet(request("nobody")))
				.satisfies((ex) -> assertNotFound(ex.getStatus()));
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> GreeterGrpc.newFutureStub(channel).greet(request("nobody")).get(10, TimeUnit.SECONDS))
				.satisfies((ex) -> assertNotFound(Status.fromThrowable(ex.getCause())));
			Answers answers = new Answers();
			GreeterGrpc.newStub(channel).greet(request("nobody"), answers);
			answers.await();
			assertNotFound(Status.fromThrowable(answers.failure));
		}
	}

	private static void assertNotFound(Status status) {
		assertThat(status.getCode()).isEqualTo(Status.Code.NOT_FOUND);
		assertThat(status.getDescription()).isEqualTo("There is nobody to greet");
		assertThat(status.getCause()).isInstanceOfSatisfying(ComponentException.class, (cause) -> {
			assertThat(cause.getComponent()).isEqualTo("hello");
			assertThat(cause.getOperation()).isEqualTo("Greet");
			assertThat(cause.getStatusCode()).isEqualTo(Status.Code.NOT_FOUND);
		});
	}

	@Test
	void whenTheOutageIsLongThenEachStubFailsByStatusAtOnce() throws Exception {
		ComponentSettings impatient = new ComponentSettings(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ZERO,
				Duration.ZERO, 1 << 20);
		Channel channel = start(
				new ComponentDeclaration("hello", ComponentType.of("grpc.greeter"), false, Map.of(), impatient))
			.instance();
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> GreeterGrpc.newBlockingStub(channel).greet(request("Ada")))
			.satisfies((ex) -> assertUnavailable(ex.getStatus()));
		assertThatExceptionOfType(StatusException.class)
			.isThrownBy(() -> GreeterGrpc.newBlockingV2Stub(channel).greet(request("Ada")))
			.satisfies((ex) -> assertUnavailable(ex.getStatus()));
		Answers answers = new Answers();
		GreeterGrpc.newStub(channel).greet(request("Ada"), answers);
		answers.await();
		assertUnavailable(Status.fromThrowable(answers.failure));
	}

	private static void assertUnavailable(Status status) {
		assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(status.getDescription()).contains("Greet on grpc component 'hello'",
				"waiting for endpoint 'greeter'");
		assertThat(status.getCause()).isInstanceOfSatisfying(ComponentUnavailableException.class,
				(cause) -> assertThat(cause.mayHaveBeenApplied()).isFalse());
	}

	@Test
	void whenACallHasNoDeadlineThenTheCallTimeoutEndsIt() {
		try (FakeGreeter greeter = greeter().start()) {
			greeter.hold();
			ComponentSettings hasty = new ComponentSettings(Duration.ofMillis(200), Duration.ofSeconds(5),
					Duration.ZERO, Duration.ofSeconds(50), 1 << 20);
			Channel channel = start(
					new ComponentDeclaration("hello", ComponentType.of("grpc.greeter"), false, Map.of(), hasty))
				.instance();
			await().until(() -> component().status().state() == ComponentState.READY);
			assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> GreeterGrpc.newBlockingStub(channel).greet(request("Ada")))
				.satisfies((ex) -> {
					assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
					assertThat(ex.getCause()).isInstanceOf(ComponentTimeoutException.class);
				});
			greeter.release();
		}
	}

	@Test
	void whenAMessageIsLargerThanTheLimitOfTheComponentThenItIsRefused() {
		try (FakeGreeter greeter = greeter().start()) {
			ComponentSettings narrow = new ComponentSettings(Duration.ofSeconds(5), Duration.ofSeconds(5),
					Duration.ZERO, Duration.ofSeconds(10), 64);
			Channel channel = start(
					new ComponentDeclaration("hello", ComponentType.of("grpc.greeter"), false, Map.of(), narrow))
				.instance();
			assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> GreeterGrpc.newBlockingStub(channel).greet(request("Ada".repeat(30))))
				.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
			assertThat(GreeterGrpc.newBlockingStub(channel)
				.withMaxInboundMessageSize(1000)
				.greet(request("Ada".repeat(30)))
				.getGreeting()).endsWith("AdaAda");
		}
	}

	private Component<Channel> component() {
		return this.host.registry().find(GrpcKind.INSTANCE, "hello").orElseThrow();
	}

	@Test
	void whenTheServerOffersNoReflectionThenADeclarationIsEnough() {
		try (FakeGreeter greeter = greeter().with().start()) {
			Channel channel = start(declaration().withServices(List.of(GreeterGrpc.SERVICE_NAME))).instance();
			assertThat(GreeterGrpc.newBlockingStub(channel).greet(request("Ada")).getGreeting())
				.isEqualTo("Hello, Ada");
		}
	}

	@Test
	void whenARequiredServiceIsMissingThenTheComponentIsNotReadyAndTheReasonNamesIt() {
		try (FakeGreeter greeter = greeter().start()) {
			Component<Channel> component = start(
					declaration().withServices(List.of(GreeterGrpc.SERVICE_NAME, "acme.v1.Clock")));
			await().untilAsserted(() -> assertThat(component.status().reason()).contains(
					"endpoint 'greeter' does not offer acme.v1.Clock; its services are", GreeterGrpc.SERVICE_NAME));
			assertThat(component.status().state()).isEqualTo(ComponentState.PENDING);
		}
	}

	@Test
	void whenServicesAreRequiredThenTheirWorstHealthIsTheHealthOfTheComponent() {
		try (FakeGreeter greeter = greeter()) {
			greeter.health(ServingStatus.NOT_SERVING);
			greeter.start();
			Component<Channel> component = start(
					declaration().withServices(List.of("grpc.health.v1.Health", GreeterGrpc.SERVICE_NAME)));
			await().untilAsserted(
					() -> assertThat(component.status().probe().health()).isEqualTo(ProbeResult.Health.DOWN));
			assertThat(component.status().probe().detail()).isEqualTo("grpc.health.v1: NOT_SERVING");
		}
	}

	@Test
	void whenNoServiceIsRequiredThenTheHealthOfTheServerCounts() {
		try (FakeGreeter greeter = greeter()) {
			greeter.health(ServingStatus.NOT_SERVING);
			greeter.start();
			Component<Channel> component = start(declaration());
			await()
				.untilAsserted(() -> assertThat(component.status().probe().health()).isEqualTo(ProbeResult.Health.UP));
		}
	}

	@Test
	void whenNoKindKnowsTheServicesThenTheServerIsDiscovered() {
		try (FakeGreeter greeter = greeter().start()) {
			start(HostSettings.defaults());
			await().until(() -> this.host.registry().find(GrpcKind.INSTANCE, "greeter").isPresent());
			Component<Channel> component = this.host.registry().find(GrpcKind.INSTANCE, "greeter").orElseThrow();
			assertThat(component.id()).isEqualTo("greeter.grpc");
			assertThat(component.declared()).isFalse();
			assertThat(GreeterGrpc.newBlockingStub(component.instance()).greet(request("Ada")).getGreeting())
				.isEqualTo("Hello, Ada");
			assertThat(greeter.calls).containsExactly("greeter Greet");
			assertThat(this.host.conflicts("greeter")).isEmpty();
		}
	}

	@Test
	void whenAKindKnowsAServiceThenTheServerIsNotDiscoveredByTheOthers() {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("mixed.sock"))) {
			server.with(new FakeGreeter(this.folder.resolve("unused.sock")), ProtoReflectionServiceV1.newInstance())
				.start();
			start(HostSettings.defaults());
			await().until(() -> this.host.registry().find(StateStoreKind.INSTANCE, "mixed").isPresent());
			assertThat(this.host.registry().components(GrpcKind.INSTANCE).list()).isEmpty();
		}
	}

	@Test
	void whenAServerOnlyTellsAboutItselfThenItIsNotDiscovered() {
		try (ComponentServer server = ComponentServer.builder(this.folder.resolve("bare.sock"))
			.serve(new SilentKind(), (name, metadata) -> new Object())
			.start()) {
			start(HostSettings.defaults());
			await().until(() -> !this.host.conflicts("bare").isEmpty());
			assertThat(this.host.conflicts("bare").get("anything"))
				.isEqualTo("it offers no service that a component could have");
			assertThat(this.host.registry().components(GrpcKind.INSTANCE).list()).isEmpty();
		}
	}

	@Test
	void whenAComponentHasAnotherKindThenItsClientReachesAllServices() {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("mixed.sock"))) {
			FakeGreeter greeter = new FakeGreeter(this.folder.resolve("unused.sock"));
			server.with(greeter, ProtoReflectionServiceV1.newInstance()).start();
			start(HostSettings.defaults());
			await().until(() -> this.host.registry().find(StateStoreKind.INSTANCE, "mixed").isPresent());
			Component<StateStore> component = this.host.registry().find(StateStoreKind.INSTANCE, "mixed").orElseThrow();
			assertThat(GreeterGrpc.newBlockingStub(component.client().channel()).greet(request("Ada")).getGreeting())
				.isEqualTo("Hello, Ada");
			greeter.close();
		}
	}

	/**
	 * A kind whose only service is one that a server offers about itself.
	 */
	private static final class SilentKind implements ComponentKind<Object> {

		@Override
		public String name() {
			return "silent";
		}

		@Override
		public Class<Object> type() {
			return Object.class;
		}

		@Override
		public List<String> services() {
			return List.of(ChannelzService.newInstance(1).bindService().getServiceDescriptor().getName());
		}

		@Override
		public Object createProxy(ComponentClient client) {
			throw new UnsupportedOperationException();
		}

		@Override
		public List<ServerServiceDefinition> serve(ComponentInstances<Object> instances) {
			return List.of(ChannelzService.newInstance(1).bindService());
		}

	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
	}

}
