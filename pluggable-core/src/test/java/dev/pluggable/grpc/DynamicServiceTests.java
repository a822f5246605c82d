package dev.pluggable.grpc;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.google.protobuf.Any;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.DynamicMessage;
import dev.pluggable.Component;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.Collected;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.FakeGreeter;
import dev.pluggable.fixtures.FakeReflection;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.fixtures.GreeterMain;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.host.InvalidDeclarationException;
import dev.pluggable.state.StateStoreKind;
import io.grpc.Status;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.stub.ClientCallStreamObserver;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link DynamicService} on real sockets and processes.
 */
@Timeout(60)
class DynamicServiceTests {

	private static final String SERVICE = GreeterGrpc.SERVICE_NAME;

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
		return new ComponentDeclaration("hello", ComponentType.of("dynamic.greeter"), false, Map.of(), SETTINGS)
			.withServices(List.of(SERVICE));
	}

	private void start(HostSettings settings) {
		this.host = new ComponentHost(settings.withSocketFolders(Set.of(this.folder)));
		this.host.start();
	}

	private Component<DynamicService> component(String name) {
		await().until(() -> this.host.registry().find(DynamicServiceKind.INSTANCE, name).isPresent());
		return this.host.registry().find(DynamicServiceKind.INSTANCE, name).orElseThrow();
	}

	private DynamicService discovered() {
		start(HostSettings.defaults());
		return component("greeter." + SERVICE).instance();
	}

	private DynamicService declared() {
		start(HostSettings.defaults().withDeclarations(List.of(declaration())));
		return component("hello").instance();
	}

	private static GreetRequest request(String name) {
		return GreetRequest.newBuilder().setName(name).build();
	}

	@Test
	void whenNoKindHasAServiceThenItIsDiscoveredBesideTheServerAndCalledWithJson() {
		try (FakeGreeter greeter = greeter().start()) {
			DynamicService service = discovered();
			assertThat(service.name()).isEqualTo(SERVICE);
			assertThat(service.json().unary("Greet", "{\"name\": \"Ada\"}")).isEqualTo("{\"greeting\":\"Hello, Ada\"}");
			assertThat(greeter.calls).containsExactly("greeter." + SERVICE + " Greet");
			assertThat(this.host.registry().components())
				.filteredOn((component) -> "greeter".equals(component.endpoint()))
				.extracting(Component::id)
				.containsExactly("greeter." + SERVICE + ".dynamic", "greeter.grpc");
			assertThat(this.host.registry().components(DynamicServiceKind.INSTANCE).list()).allSatisfy((component) -> {
				assertThat(component.declared()).isFalse();
				assertThat(component.type()).hasToString("dynamic.greeter");
				assertThat(component.contractProblems()).isEmpty();
			});
			assertThat(this.host.conflicts("greeter")).isEmpty();
		}
	}

	@Test
	void whenMessagesAreUsedThenGeneratedOnesAndDynamicOnesPass() {
		try (FakeGreeter greeter = greeter().start()) {
			DynamicService service = discovered();
			DynamicMessage.Builder request = service.newRequest("Greet");
			request.setField(request.getDescriptorForType().findFieldByName("name"), "Ada");
			assertThat(greeting(service.messages().unary("Greet", request.build()))).isEqualTo("Hello, Ada");
			assertThat(service.descriptor().getMethods()).hasSize(4);
			assertThat(service.method("GreetAll").isClientStreaming()).isTrue();
			assertThat(service.documentation(service.method("Greet"))).isEmpty();
		}
	}

	private static Object greeting(DynamicMessage message) {
		return message.getField(message.getDescriptorForType().findFieldByName("greeting"));
	}

	@Test
	void whenMethodsHaveStreamsThenEachTypeOfCallWorks() throws Exception {
		try (FakeGreeter greeter = greeter().start()) {
			DynamicCalls<String> calls = discovered().json();
			assertThat(calls.async("Greet", "{\"name\": \"Ada\"}").get(20, TimeUnit.SECONDS))
				.isEqualTo("{\"greeting\":\"Hello, Ada\"}");
			try (Stream<String> often = calls.stream("GreetOften", "{\"name\": \"Ada\", \"times\": 3}")) {
				assertThat(often).containsExactly("{\"greeting\":\"Hello, Ada 0\"}", "{\"greeting\":\"Hello, Ada 1\"}",
						"{\"greeting\":\"Hello, Ada 2\"}");
			}
			Collected<String> often = new Collected<>();
			calls.serverStream("GreetOften", "{\"name\": \"Bob\", \"times\": 1}", often);
			assertThat(often.await()).containsExactly("{\"greeting\":\"Hello, Bob 0\"}");
			Collected<String> all = new Collected<>();
			ClientCallStreamObserver<String> names = calls.clientStream("GreetAll", all);
			names.onNext("{\"name\": \"Cleo\"}");
			names.onNext("{\"name\": \"Dan\"}");
			names.onCompleted();
			assertThat(all.await()).containsExactly("{\"greeting\":\"Hello, Cleo and Dan\"}");
			Collected<String> each = new Collected<>();
			names = calls.bidiStream("GreetEach", each);
			names.onNext("{\"name\": \"Eve\"}");
			names.onCompleted();
			assertThat(each.await()).containsExactly("{\"greeting\":\"Hello, Eve\"}");
		}
	}

	@Test
	void whenACallFailsThenTheExceptionIsThatOfOtherKinds() {
		try (FakeGreeter greeter = greeter().start()) {
			DynamicCalls<String> calls = discovered().json();
			assertThatExceptionOfType(ComponentException.class)
				.isThrownBy(() -> calls.unary("Greet", "{\"name\": \"nobody\"}"))
				.satisfies((ex) -> {
					assertThat(ex.getStatusCode()).isEqualTo(Status.Code.NOT_FOUND);
					assertThat(ex.getOperation()).isEqualTo("Greet");
				});
			assertThat(calls.async("Greet", "{\"name\": \"nobody\"}")).failsWithin(20, TimeUnit.SECONDS)
				.withThrowableThat()
				.havingCause()
				.isInstanceOf(ComponentException.class);
			try (Stream<String> often = calls.stream("GreetOften", "{\"name\": \"nobody\"}")) {
				assertThatExceptionOfType(ComponentException.class).isThrownBy(often::toList);
			}
		}
	}

	@Test
	void whenARequestIsWrongThenTheExceptionSaysWhatIsWrong() throws Exception {
		try (FakeGreeter greeter = greeter().start()) {
			DynamicService service = discovered();
			assertThatExceptionOfType(InvalidRequestException.class)
				.isThrownBy(() -> service.json().unary("Greet", "{\"nmae\": \"Ada\"}"))
				.withMessageContaining("the JSON is no pluggable.test.greeter.v1.GreetRequest")
				.withMessageContaining("nmae");
			assertThatExceptionOfType(InvalidRequestException.class)
				.isThrownBy(() -> service.json().unary("Greet", "{"));
			assertThat(service.json().async("Greet", "[]")).failsWithin(20, TimeUnit.SECONDS)
				.withThrowableThat()
				.havingCause()
				.isInstanceOf(InvalidRequestException.class);
			DynamicMessage other = DynamicMessage.newBuilder(Any.getDescriptor()).build();
			assertThatExceptionOfType(InvalidRequestException.class)
				.isThrownBy(() -> service.messages().unary("Greet", other))
				.withMessageContaining("the request is a google.protobuf.Any and no");
			assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
				.isThrownBy(() -> service.json().unary("Grete", "{}"))
				.withMessageContaining("has no such method; its methods are [Greet, GreetOften, GreetAll, GreetEach]");
			assertThatIllegalArgumentException().isThrownBy(() -> service.json().unary("GreetEach", "{}"))
				.withMessageContaining("must be called by 'bidiStream', not by 'unary' or 'async'");
			Collected<String> each = new Collected<>();
			service.json().bidiStream("GreetEach", each).onNext("{\"nmae\": 1}");
			assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(each::await);
			assertThat(greeter.calls).doesNotContain("greeter." + SERVICE + " Greet");
		}
	}

	@Test
	void whenTheProcessIsNotThereThenCallsWaitForItWithoutAThread() throws Exception {
		DynamicCalls<String> calls = declared().json();
		int before = Thread.activeCount();
		List<CompletableFuture<String>> futures = new ArrayList<>();
		for (int call = 0; call < 100; call++) {
			futures.add(calls.async("Greet", "{\"name\": \"Ada\"}"));
		}
		assertThat(futures).noneMatch(CompletableFuture::isDone);
		assertThat(Thread.activeCount() - before).isLessThan(50);
		try (FakeGreeter greeter = greeter().start()) {
			assertThat(calls.unary("Greet", "{\"name\": \"Bob\"}")).isEqualTo("{\"greeting\":\"Hello, Bob\"}");
			for (CompletableFuture<String> future : futures) {
				assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo("{\"greeting\":\"Hello, Ada\"}");
			}
		}
	}

	@Test
	void whenAFutureIsCancelledBeforeTheProcessIsThereThenNoCallIsMade() throws Exception {
		DynamicCalls<String> calls = declared().json();
		calls.async("Greet", "{\"name\": \"Ada\"}").cancel(true);
		try (FakeGreeter greeter = greeter().start()) {
			calls.unary("Greet", "{\"name\": \"Bob\"}");
			assertThat(greeter.calls).containsExactly("hello Greet");
		}
	}

	@Test
	void whenTheOutageIsLongThenCallsFailAtOnce() {
		ComponentSettings impatient = new ComponentSettings(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ZERO,
				Duration.ZERO, 1 << 20);
		start(HostSettings.defaults()
			.withDeclarations(List
				.of(new ComponentDeclaration("hello", ComponentType.of("dynamic.greeter"), false, Map.of(), impatient)
					.withServices(List.of(SERVICE)))));
		DynamicService service = component("hello").instance();
		assertThatExceptionOfType(ComponentUnavailableException.class)
			.isThrownBy(() -> service.json().unary("Greet", "{}"))
			.withMessageContaining("waiting for endpoint 'greeter'");
		assertThat(service.json().async("Greet", "{}")).failsWithin(20, TimeUnit.SECONDS)
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(ComponentUnavailableException.class);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(service::descriptor);
	}

	@Test
	void whenTheProcessIsReplacedThenCallsReachTheNextOne() {
		DynamicCalls<String> calls = declared().json();
		for (int process = 0; process < 2; process++) {
			try (ComponentProcess greeter = ComponentProcess.java(GreeterMain.class,
					this.folder.resolve("greeter.sock").toString())) {
				assertThat(calls.unary("Greet", "{\"name\": \"Ada\"}")).contains("Hello, Ada");
				greeter.kill();
			}
		}
	}

	@Test
	void whenTheNextProcessHasAnotherContractThenItsDescriptionCounts() {
		FakeReflection reflection = new FakeReflection().with(GreeterProto.getDescriptor().toProto());
		try (FakeGreeter greeter = greeter().with(reflection).start()) {
			DynamicService service = declared();
			assertThat(service.descriptor().findMethodByName("New")).isNull();
			greeter.stop();
			FileDescriptorProto.Builder next = GreeterProto.getDescriptor().toProto().toBuilder();
			next.getServiceBuilder(0)
				.addMethodBuilder()
				.setName("New")
				.setInputType(".pluggable.test.greeter.v1.GreetRequest")
				.setOutputType(".pluggable.test.greeter.v1.GreetResponse");
			next.getSourceCodeInfoBuilder()
				.addLocation(Location.newBuilder().addAllPath(List.of(6, 0, 2, 4)).setLeadingComments(" Says more.\n"))
				.addLocation(Location.newBuilder().addAllPath(List.of(6, 0)).setLeadingComments(" Greets.\n"))
				.addLocation(
						Location.newBuilder().addAllPath(List.of(4, 0, 2, 1)).setTrailingComments(" How often.\n"));
			reflection.with(next.build());
			greeter.start();
			await().until(() -> service.descriptor().findMethodByName("New") != null);
			assertThat(service.documentation(service.method("New"))).isEqualTo("Says more.");
			assertThat(service.documentation(service.descriptor())).isEqualTo("Greets.");
			assertThat(service.documentation(service.method("New").getInputType().findFieldByName("times")))
				.isEqualTo("How often.");
			assertThat(service.documentation(service.method("Greet"))).isEmpty();
			assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
				.isThrownBy(() -> service.json().unary("New", "{}"));
		}
	}

	@Test
	void whenAKindHasTheServiceThenItIsDynamicOnRequestOnly() {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("state.sock"))) {
			server.with(ProtoReflectionServiceV1.newInstance()).start();
			String state = StateStoreKind.INSTANCE.services().get(0);
			start(HostSettings.defaults()
				.withDeclarations(List
					.of(new ComponentDeclaration("raw", ComponentType.of("dynamic.state"), false, Map.of(), SETTINGS)
						.withServices(List.of(state)))));
			await().until(() -> this.host.registry().find(StateStoreKind.INSTANCE, "state").isPresent());
			assertThat(component("raw").instance().json().unary("Ping", "{}")).isEqualTo("{}");
			assertThat(this.host.registry().components(DynamicServiceKind.INSTANCE).list()).hasSize(1);
		}
	}

	@Test
	void whenAServerHasAKindAndAnotherServiceThenTheServiceIsDiscovered() {
		FakeGreeter greeter = new FakeGreeter(this.folder.resolve("unused.sock"));
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("mixed.sock"))) {
			server.with(greeter, ProtoReflectionServiceV1.newInstance()).start();
			start(HostSettings.defaults());
			assertThat(component("mixed." + SERVICE).instance().json().unary("Greet", "{\"name\": \"Ada\"}"))
				.contains("Hello, Ada");
			assertThat(this.host.registry().components(GrpcKind.INSTANCE).list()).isEmpty();
		}
		finally {
			greeter.close();
		}
	}

	@Test
	void whenUnknownServicesAreNotPublishedThenTheServerStillIs() {
		try (FakeGreeter greeter = greeter().start()) {
			start(HostSettings.defaults().withPublishUnknownServices(false));
			await().until(() -> this.host.registry().find(GrpcKind.INSTANCE, "greeter").isPresent());
			assertThat(this.host.registry().components(DynamicServiceKind.INSTANCE).list()).isEmpty();
		}
	}

	@Test
	void whenTheServerOffersManyServicesThenTheirNumberIsBounded() {
		FakeReflection reflection = new FakeReflection();
		for (int service = 0; service < 1000; service++) {
			reflection.listing("acme.S" + service);
		}
		try (FakeGreeter greeter = greeter().with(reflection).start()) {
			start(HostSettings.defaults());
			await().until(() -> !this.host.conflicts("greeter").isEmpty());
			assertThat(this.host.conflicts("greeter")).hasEntrySatisfying("dynamic",
					(reason) -> assertThat(reason).contains("1000 services that no kind has"));
			assertThat(this.host.registry().components(DynamicServiceKind.INSTANCE).list()).hasSize(100);
		}
	}

	@Test
	void whenTheServerDoesNotAnswerThenOnlyCallsByDescriptorsFailAndOthersGoOn() {
		FakeReflection reflection = new FakeReflection().with(GreeterProto.getDescriptor().toProto()).silent(true);
		try (FakeGreeter bad = new FakeGreeter(this.folder.resolve("bad.sock")).with(reflection).start();
				FakeGreeter greeter = greeter().start()) {
			ComponentSettings hasty = new ComponentSettings(Duration.ofMillis(300), Duration.ofSeconds(5),
					Duration.ZERO, Duration.ofSeconds(50), 1 << 20);
			start(HostSettings.defaults()
				.withDeclarations(List
					.of(new ComponentDeclaration("hello", ComponentType.of("dynamic.bad"), false, Map.of(), hasty)
						.withServices(List.of(SERVICE)))));
			assertThat(component("greeter." + SERVICE).instance().json().unary("Greet", "{}")).contains("Hello");
			await().until(() -> component("hello").status().state() == ComponentState.READY);
			assertThatExceptionOfType(ComponentUnavailableException.class)
				.isThrownBy(() -> component("hello").instance().json().unary("Greet", "{}"))
				.withMessage("Greet on dynamic component 'hello': not available: its descriptors are not read yet");
			assertThat(this.host.endpoints()).filteredOn((endpoint) -> endpoint.name().equals("bad"))
				.allMatch((endpoint) -> endpoint.state() == EndpointState.READY);
			reflection.silent(false);
			await().ignoreException(ComponentUnavailableException.class)
				.untilAsserted(
						() -> assertThat(component("hello").instance().json().unary("Greet", "{}")).contains("Hello"));
			await().until(() -> component("hello").contractProblems().isEmpty());
		}
	}

	@Test
	void whenTheServerHasNoReflectionThenTheExceptionSaysSo() {
		try (FakeGreeter greeter = greeter().with().start()) {
			DynamicService service = declared();
			assertThatExceptionOfType(ComponentUnavailableException.class)
				.isThrownBy(() -> service.json().unary("Greet", "{}"))
				.withMessageContaining("the server offers no reflection");
			await().untilAsserted(() -> assertThat(component("hello").contractProblems())
				.containsExactly("the server offers no reflection, so only generated stubs can call it"));
		}
	}

	@Test
	void whenNoProcessHasDescribedTheServiceThenAnAsynchronousCallWaitsForOneThatDoes() {
		try (FakeGreeter greeter = greeter().with().start()) {
			declared();
			await().until(() -> component("hello").status().state() == ComponentState.READY);
		}
		await().until(() -> component("hello").status().state() == ComponentState.UNAVAILABLE);
		CompletableFuture<String> answer = component("hello").instance().json().async("Greet", "{\"name\": \"Ada\"}");
		assertThat(answer).isNotDone();
		try (FakeGreeter greeter = greeter().start()) {
			assertThat(answer).succeedsWithin(Duration.ofSeconds(30)).isEqualTo("{\"greeting\":\"Hello, Ada\"}");
		}
	}

	@Test
	void whenTheDescriptorsDoNotLinkThenTheReasonIsToldAndNotAskedForAgain() {
		FileDescriptorProto.Builder broken = GreeterProto.getDescriptor().toProto().toBuilder();
		broken.removeMessageType(0);
		FakeReflection reflection = new FakeReflection().with(broken.build());
		try (FakeGreeter greeter = greeter().with(reflection).start()) {
			DynamicService service = declared();
			assertThatExceptionOfType(ComponentUnavailableException.class)
				.isThrownBy(() -> service.json().unary("Greet", "{}"))
				.withMessageContaining("its descriptors cannot be used: file 'greeter.proto': it is not valid");
			await().untilAsserted(() -> assertThat(component("hello").contractProblems()).singleElement()
				.asString()
				.startsWith("the descriptors of " + SERVICE + " cannot be used: file 'greeter.proto'"));
			assertThatExceptionOfType(CompletionException.class)
				.isThrownBy(() -> service.json().async("Greet", "{}").orTimeout(20, TimeUnit.SECONDS).join())
				.withCauseInstanceOf(ComponentUnavailableException.class);
		}
	}

	@Test
	void whenAMessageHoldsAnyThenTheTypesOfTheServerAreKnown() {
		FileDescriptorProto file = FakeReflection
			.file("a.proto", "pluggable.test.greeter.v1", "google/protobuf/any.proto")
			.addMessageType(
					FakeReflection.message("GreetRequest", FakeReflection.field("any", 9, ".google.protobuf.Any")))
			.addMessageType(FakeReflection.message("GreetResponse", FakeReflection.field("greeting", 1,
					FakeReflection
						.field("x", 1, com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_STRING)
						.getType())))
			.addService(FakeReflection.service("Greeter", "Greet", ".pluggable.test.greeter.v1.GreetRequest",
					".pluggable.test.greeter.v1.GreetResponse"))
			.build();
		try (FakeGreeter greeter = greeter().with(new FakeReflection().with(file)).start()) {
			DynamicCalls<String> calls = declared().json();
			assertThat(calls.unary("Greet",
					"{\"any\": {\"@type\": \"x/pluggable.test.greeter.v1.GreetResponse\", \"greeting\": \"Hi\"}}"))
				.isEqualTo("{\"greeting\":\"Hello, \"}");
			assertThat(
					calls.unary("Greet", "{\"any\": {\"@type\": \"x/google.protobuf.Duration\", \"value\": \"1s\"}}"))
				.isEqualTo("{\"greeting\":\"Hello, \"}");
			assertThatExceptionOfType(InvalidRequestException.class)
				.isThrownBy(() -> calls.unary("Greet", "{\"any\": {\"@type\": \"x/acme.Unknown\"}}"));
		}
	}

	@Test
	void whenADeclarationHasNotOneServiceThenItIsRefused() {
		for (List<String> services : List.of(List.<String>of(), List.of("a.A", "a.B"))) {
			assertThatExceptionOfType(InvalidDeclarationException.class)
				.isThrownBy(() -> new ComponentHost(
						HostSettings.defaults().withDeclarations(List.of(declaration().withServices(services)))))
				.withMessageContaining(
						"a component of the kind 'dynamic' is one gRPC service, but 'services' has " + services.size());
		}
	}

	@Test
	void whenABuiltInTypeNeedsServicesThenTheDeclarationIsRefused() {
		assertThatExceptionOfType(InvalidDeclarationException.class)
			.isThrownBy(() -> new ComponentHost(HostSettings.defaults()
				.withDeclarations(List.of(new ComponentDeclaration("cache", ComponentType.of("state.in-memory"), false,
						Map.of(), SETTINGS)
					.withServices(List.of("a.A"))))))
			.withMessageContaining("it needs gRPC services, but its type 'state.in-memory' is built in and has none");
	}

	@Test
	void whenTheContractOfAKindDiffersThenItIsToldOnceAndBeforeACall() {
		FileDescriptorProto.Builder older = GreeterProto.getDescriptor().toProto().toBuilder();
		older.getServiceBuilder(0).removeMethod(0);
		FakeReflection reflection = new FakeReflection().with(older.build());
		GreeterLikeKind kind = new GreeterLikeKind();
		try (FakeGreeter greeter = greeter().with(reflection).start(); LogCapture log = new LogCapture()) {
			this.host = new ComponentHost(HostSettings.defaults().withSocketFolders(Set.of(this.folder)), List.of(kind),
					List.of(), (endpoint, builder) -> {
					});
			this.host.start();
			await().until(() -> this.host.registry().find(kind, "greeter").isPresent());
			Component<DynamicServiceTests> component = this.host.registry().find(kind, "greeter").orElseThrow();
			String problem = "method Greeter.Greet is missing in the component";
			await().until(() -> component.contractProblems().equals(List.of(problem)));
			assertThat(component.status().state()).isEqualTo(ComponentState.READY);
			for (int again = 0; again < 2; again++) {
				long generation = component.status().generation();
				greeter.stop();
				greeter.start();
				await().until(() -> component.status().generation() > generation);
			}
			int asked = reflection.questions.size();
			assertThat(asked).isPositive();
			greeter.stop();
			reflection.with(GreeterProto.getDescriptor().toProto());
			greeter.start();
			await().until(() -> component.contractProblems().isEmpty());
			assertThat(log.text().lines()).filteredOn((line) -> line.contains(problem)).hasSize(1);
			assertThat(log.text().lines()).filteredOn((line) -> line.contains("agree again")).hasSize(1);
			assertThat(greeter.calls).isEmpty();
		}
	}

	/**
	 * A kind whose contract is the one of the greeter.
	 */
	private static final class GreeterLikeKind implements dev.pluggable.ComponentKind<DynamicServiceTests> {

		@Override
		public String name() {
			return "greeters";
		}

		@Override
		public Class<DynamicServiceTests> type() {
			return DynamicServiceTests.class;
		}

		@Override
		public List<String> services() {
			return List.of(SERVICE);
		}

		@Override
		public List<io.grpc.ServiceDescriptor> serviceDescriptors() {
			return List.of(GreeterGrpc.getServiceDescriptor());
		}

		@Override
		public DynamicServiceTests createProxy(dev.pluggable.ComponentClient client) {
			return new DynamicServiceTests();
		}

	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
	}

}
