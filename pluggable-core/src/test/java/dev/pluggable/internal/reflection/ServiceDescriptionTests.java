package dev.pluggable.internal.reflection;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.pluggable.fixtures.FakeReflection;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetResponse;
import dev.pluggable.internal.support.OptionalMethods;
import io.grpc.BindableService;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.pluggable.fixtures.FakeReflection.field;
import static dev.pluggable.fixtures.FakeReflection.file;
import static dev.pluggable.fixtures.FakeReflection.message;
import static dev.pluggable.fixtures.FakeReflection.service;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the descriptions of services by {@link ServiceReflection}, also by servers
 * that are hostile or wrong.
 */
@Timeout(60)
class ServiceDescriptionTests {

	private final FakeReflection server = new FakeReflection();

	private final ServiceReflection reflection = new ServiceReflection();

	private Server running;

	private ManagedChannel channel;

	@AfterEach
	void close() throws InterruptedException {
		this.channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		this.running.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
	}

	private void start(BindableService... services) throws IOException {
		InProcessServerBuilder builder = InProcessServerBuilder.forName(getClass().getName());
		List.of(services).forEach(builder::addService);
		this.running = builder.build().start();
		this.channel = InProcessChannelBuilder.forName(getClass().getName())
			.maxInboundMessageSize(16 * 1024 * 1024)
			.build();
	}

	private ReflectedServices describe(String... services) throws Exception {
		if (this.running == null) {
			start(this.server);
		}
		return this.reflection.describe(this.channel, Set.of(services)).toCompletableFuture().get(20, TimeUnit.SECONDS);
	}

	private StatusRuntimeException failure(String service) throws Exception {
		start(this.server);
		return (StatusRuntimeException) this.reflection.describe(this.channel, Set.of(service))
			.handle((services, failure) -> (failure.getCause() != null) ? failure.getCause() : failure)
			.toCompletableFuture()
			.get(20, TimeUnit.SECONDS);
	}

	@Test
	@SuppressWarnings("deprecation")
	void whenOnlyV1AlphaIsServedThenItDescribesTheService() throws Exception {
		start(new GreeterGrpc.GreeterImplBase() {
		}, ProtoReflectionService.newInstance());
		assertGreeter(describe(GreeterGrpc.SERVICE_NAME).service(GreeterGrpc.SERVICE_NAME));
	}

	@Test
	void whenV1IsServedThenItDescribesTheService() throws Exception {
		start(new GreeterGrpc.GreeterImplBase() {
		}, ProtoReflectionServiceV1.newInstance());
		assertGreeter(describe(GreeterGrpc.SERVICE_NAME).service(GreeterGrpc.SERVICE_NAME));
	}

	private static void assertGreeter(ServiceDescriptor service) {
		assertThat(service.getMethods()).extracting((method) -> method.getName())
			.containsExactly("Greet", "GreetOften", "GreetAll", "GreetEach");
		assertThat(service.findMethodByName("Greet").getInputType().findFieldByName("times").getNumber()).isEqualTo(2);
	}

	@Test
	void whenAFileImportsOthersThenOnlyThoseThatAreMissingAreAskedFor() throws Exception {
		this.server
			.with(file("a.proto", "acme", "b.proto", "google/protobuf/any.proto")
				.addMessageType(message("Q", field("b", 1, ".acme.B"), field("any", 2, ".google.protobuf.Any")))
				.addService(service("S", "M", ".acme.Q", ".acme.B"))
				.build())
			.with(file("b.proto", "acme").addMessageType(message("B")).build());
		ReflectedServices services = describe("acme.S");
		assertThat(services.problem("acme.S")).isNull();
		assertThat(services.service("acme.S").findMethodByName("M").getOutputType().getFullName()).isEqualTo("acme.B");
		assertThat(this.server.questions).containsExactly("acme.S", "b.proto");
		assertThat(services.types().find("acme.B")).isNotNull();
		assertThat(services.types().find("google.protobuf.Duration")).isNotNull();
	}

	@Test
	void whenTwoServersSendTheSameFilesThenTheyShareTheDescription() throws Exception {
		this.server.with(GreeterProto.getDescriptor().toProto());
		assertThat(describe(GreeterGrpc.SERVICE_NAME)).isSameAs(describe(GreeterGrpc.SERVICE_NAME));
	}

	@Test
	void whenAnImportIsNotUsedThenItsAbsenceDoesNoHarm() throws Exception {
		this.server.with(file("a.proto", "acme", "google/api/annotations.proto").addMessageType(message("Q"))
			.addService(service("S", "M", ".acme.Q", ".acme.Q"))
			.build());
		assertThat(describe("acme.S").service("acme.S")).isNotNull();
	}

	@Test
	void whenAnImportHasAnotherNameThenTheFileIsFoundByItsTypes() throws Exception {
		this.server
			.with(file("a.proto", "acme", "long/path/b.proto").addMessageType(message("Q", field("b", 1, ".acme.B")))
				.addService(service("S", "M", ".acme.Q", ".acme.B"))
				.build())
			.with(file("b.proto", "acme").addMessageType(message("B")).build());
		assertThat(describe("acme.S").service("acme.S")).isNotNull();
		assertThat(this.server.questions).containsExactly("acme.S", "long/path/b.proto", "acme.B");
	}

	@Test
	void whenAFileDoesNotNameItsImportsThenTheirFilesAreFoundByTheirTypes() throws Exception {
		// The reflection of Node merges the files of a package and leaves imports out.
		this.server
			.with(file("acme.proto", "acme")
				.addMessageType(message("Q", field("any", 1, "google.protobuf.Any"), field("b", 2, "other.B")))
				.addService(service("S", "M", "Q", ".other.B"))
				.build())
			.with(file("other.proto", "other").addMessageType(message("B")).build());
		assertThat(describe("acme.S").service("acme.S")).isNotNull();
		assertThat(this.server.questions).containsExactly("acme.S", "other.B");
	}

	@Test
	void whenWellKnownTypesAreInAFileOfAnotherNameThenThoseOfTheLibraryCount() throws Exception {
		this.server
			.with(file("acme.proto", "acme", "google_protobuf.proto")
				.addMessageType(message("Q", field("any", 1, ".google.protobuf.Any")))
				.addService(service("S", "M", ".acme.Q", ".acme.Q"))
				.build())
			.with(file("google_protobuf.proto", "google.protobuf").addMessageType(message("Any")).build());
		ReflectedServices services = describe("acme.S");
		assertThat(
				services.service("acme.S").findMethodByName("M").getInputType().findFieldByName("any").getMessageType())
			.isSameAs(Any.getDescriptor());
	}

	@Test
	void whenAMethodIsOptionalThenItsAbsenceIsNoDifference() throws Exception {
		FileDescriptorProto.Builder less = greeter();
		less.getServiceBuilder(0).removeMethod(3);
		this.server.with(less.build());
		assertThat(
				ContractComparison.differences(OptionalMethods.without(GreeterGrpc.getServiceDescriptor(), "GreetEach"),
						describe(GreeterGrpc.SERVICE_NAME)))
			.isEmpty();
	}

	@Test
	void whenTheServerAnswersWithAFileOfAnotherNameThenItIsTheOneThatWasAskedFor() throws Exception {
		FileDescriptorProto other = file("other.proto", "acme").addMessageType(message("B")).build();
		this.server.with(file("a.proto", "acme", "b.proto").addMessageType(message("Q", field("b", 1, ".acme.B")))
			.addService(service("S", "M", ".acme.Q", ".acme.B"))
			.build());
		this.server.answering((question) -> question.equals("b.proto") ? List.of(other.toByteString())
				: this.server.honest(question));
		assertThat(describe("acme.S").service("acme.S")).isNotNull();
	}

	@Test
	void whenAnImportIsMissingThenOnlyTheServicesThatNeedItAreNotDescribed() throws Exception {
		this.server
			.with(file("a.proto", "acme", "lost.proto").addMessageType(message("Q", field("b", 1, ".acme.Lost")))
				.addService(service("S", "M", ".acme.Q", ".acme.Q"))
				.build())
			.with(file("good.proto", "good").addMessageType(message("Q"))
				.addService(service("S", "M", ".good.Q", ".good.Q"))
				.build());
		ReflectedServices services = describe("acme.S", "good.S", "unknown.S");
		assertThat(services.service("good.S")).isNotNull();
		assertThat(services.service("acme.S")).isNull();
		assertThat(services.problem("acme.S"))
			.isEqualTo("file 'a.proto': import 'lost.proto' is missing: the server says: not found: lost.proto");
		assertThat(services.problem("unknown.S")).isEqualTo("the server says: not found: unknown.S");
	}

	@Test
	void whenImportsFormACycleThenTheProblemSaysSo() throws Exception {
		this.server
			.with(file("a.proto", "acme", "b.proto").addMessageType(message("Q"))
				.addService(service("S", "M", ".acme.Q", ".acme.Q"))
				.build())
			.with(file("b.proto", "acme", "a.proto").build());
		assertThat(describe("acme.S").problem("acme.S")).isEqualTo("file 'a.proto': its imports form a cycle");
	}

	@Test
	void whenAFileImportsItselfThenTheProblemSaysSo() throws Exception {
		this.server.with(file("a.proto", "acme", "a.proto").addMessageType(message("Q"))
			.addService(service("S", "M", ".acme.Q", ".acme.Q"))
			.build());
		assertThat(describe("acme.S").problem("acme.S")).isEqualTo("file 'a.proto': its imports form a cycle");
	}

	@Test
	void whenDescriptorsDoNotLinkThenTheProblemSaysWhy() throws Exception {
		this.server.with(file("a.proto", "acme").addMessageType(message("Q", field("b", 1, ".acme.Nobody")))
			.addService(service("S", "M", ".acme.Q", ".acme.Q"))
			.build());
		assertThat(describe("acme.S").problem("acme.S")).startsWith("file 'a.proto': it is not valid: ")
			.contains("Nobody");
	}

	@Test
	void whenBytesAreNoDescriptorThenTheProblemSaysSo() throws Exception {
		this.server.answering((question) -> List.of(ByteString.copyFrom(new byte[] { 1, 2, 3 })));
		assertThat(describe("acme.S").problem("acme.S")).startsWith("the server sent no descriptor: ");
	}

	@Test
	void whenAnAnswerIsEmptyOrAboutSomethingElseThenTheServiceIsNotDescribed() throws Exception {
		FileDescriptorProto other = file("other.proto", "other").build();
		this.server.answering((question) -> question.equals("empty.S") ? List.of() : List.of(other.toByteString()));
		ReflectedServices services = describe("acme.S", "empty.S");
		assertThat(services.problem("acme.S")).isEqualTo("no file that the server sent contains it");
		assertThat(services.problem("empty.S")).contains("the answer has no file");
	}

	@Test
	void whenTheServerChangesBetweenAnswersThenTheFirstFileOfANameCounts() throws Exception {
		AtomicInteger answers = new AtomicInteger();
		this.server.answering((question) -> List.of(file("a.proto", "acme").addMessageType(message("Q" + answers.get()))
			.addService(
					service("S" + answers.get(), "M", ".acme.Q" + answers.get(), ".acme.Q" + answers.getAndIncrement()))
			.build()
			.toByteString()));
		ReflectedServices services = describe("acme.S0", "acme.S1");
		assertThat(services.service("acme.S0")).isNotNull();
		assertThat(services.problem("acme.S1")).isEqualTo("no file that the server sent contains it");
	}

	@Test
	void whenFilesNeverEndThenTheReadingEnds() throws Exception {
		AtomicInteger files = new AtomicInteger();
		this.server.answering((question) -> List
			.of(file(files.get() + ".proto", "acme", files.incrementAndGet() + ".proto").build().toByteString()));
		StatusRuntimeException failure = failure("acme.S");
		assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
		assertThat(failure.getStatus().getDescription())
			.isEqualTo("The description of the services has more than 500 files");
	}

	@Test
	void whenNamesOfImportsNeverEndThenTheReadingEnds() throws Exception {
		FileDescriptorProto.Builder file = file("a.proto", "acme");
		for (int i = 0; i < 2000; i++) {
			file.addDependency("missing" + i + ".proto");
		}
		this.server.with(file.addService(service("S", "M", ".acme.Q", ".acme.Q")).build());
		assertThat(failure("acme.S").getStatus().getDescription())
			.isEqualTo("The description of the services needs more than 1000 questions");
	}

	@Test
	void whenFilesAreTooLargeTogetherThenTheReadingEnds() throws Exception {
		AtomicInteger files = new AtomicInteger();
		String large = "x".repeat(1024 * 1024);
		this.server.answering((question) -> List
			.of(file(files.get() + ".proto", large, files.incrementAndGet() + ".proto").build().toByteString()));
		assertThat(failure("acme.S").getStatus().getDescription())
			.isEqualTo("The description of the services has more than 4194304 bytes");
	}

	@Test
	void whenASmallFileHasHugeFullNamesThenTheReadingEnds() throws Exception {
		var message = message("x".repeat(1024 * 1024)).toBuilder();
		for (int i = 0; i < 10_000; i++) {
			message.addNestedType(message("N" + i));
		}
		this.server.with(file("a.proto", "acme").addMessageType(message)
			.addService(service("S", "M", ".acme.Q", ".acme.Q"))
			.build());
		assertThat(failure("acme.S").getStatus().getDescription())
			.isEqualTo("The description of the services has names of more than 33554432 characters");
	}

	@Test
	void whenAnImportOfManyFilesCannotBeUsedThenTheProblemIsShort() throws Exception {
		int files = 400;
		String name = "x".repeat(1000);
		for (int i = 0; i < files; i++) {
			this.server.with(file(name + i, "acme", name + (i + 1)).build());
		}
		this.server.with(file(name + files, "acme").addMessageType(message("Q", field("b", 1, ".acme.Nobody"))).build())
			.with(file("a.proto", "acme", name + 0).addMessageType(message("R"))
				.addService(service("S", "M", ".acme.R", ".acme.R"))
				.build());
		assertThat(describe("acme.S").problem("acme.S")).startsWith("file 'a.proto': import 'x").hasSizeLessThan(400);
	}

	@Test
	void whenOneAnswerIsTooLargeThenTheReadingEnds() throws Exception {
		this.server
			.answering((question) -> List.of(file("a.proto", "x".repeat(6 * 1024 * 1024)).build().toByteString()));
		assertThat(failure("acme.S").getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
	}

	@Test
	void whenTheServerDoesNotAnswerThenTheDeadlineEndsTheReading() throws Exception {
		this.server.silent(true);
		start(this.server);
		assertThat(this.reflection
			.describe(ClientInterceptors.intercept(this.channel, new DeadlineInterceptor()), Set.of("acme.S"))
			.toCompletableFuture()).failsWithin(20, TimeUnit.SECONDS)
			.withThrowableThat()
			.havingRootCause()
			.isInstanceOfSatisfying(StatusRuntimeException.class,
					(ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
	}

	@Test
	void whenMessagesAreNestedDeeplyThenTheyDoNoHarm() throws Exception {
		var deep = message("D").toBuilder();
		for (int i = 0; i < 200; i++) {
			deep = message("D").toBuilder().addNestedType(deep);
		}
		this.server.with(file("a.proto", "acme").addMessageType(deep)
			.addService(service("S", "M", ".acme.D", ".acme.D"))
			.build());
		assertThat(describe("acme.S").problem("acme.S")).startsWith("the server sent no descriptor: ");
	}

	@Test
	void whenAWellKnownFileIsForgedThenTheOneOfTheLibraryCounts() throws Exception {
		this.server
			.with(file("google/protobuf/timestamp.proto", "google.protobuf")
				.addMessageType(message("Timestamp", field("evil", 1, Type.TYPE_STRING)))
				.build())
			.with(file("a.proto", "acme", "google/protobuf/timestamp.proto")
				.addMessageType(message("Q", field("at", 1, ".google.protobuf.Timestamp")))
				.addService(service("S", "M", ".acme.Q", ".acme.Q"))
				.build());
		assertThat(describe("acme.S").service("acme.S")
			.findMethodByName("M")
			.getInputType()
			.findFieldByName("at")
			.getMessageType()
			.findFieldByName("nanos")).isNotNull();
	}

	private List<String> differences(FileDescriptorProto.Builder reflected) throws Exception {
		this.server.with(reflected.build());
		return ContractComparison.differences(GreeterGrpc.getServiceDescriptor(), describe(GreeterGrpc.SERVICE_NAME));
	}

	private static FileDescriptorProto.Builder greeter() {
		return GreeterProto.getDescriptor().toProto().toBuilder();
	}

	@Test
	void whenTheContractIsTheSameThenThereAreNoDifferences() throws Exception {
		assertThat(differences(greeter())).isEmpty();
	}

	@Test
	void whenTheServerHasMoreThenThereAreNoDifferences() throws Exception {
		FileDescriptorProto.Builder more = greeter();
		more.getServiceBuilder(0)
			.addMethodBuilder()
			.setName("New")
			.setInputType(".pluggable.test.greeter.v1.GreetRequest")
			.setOutputType(".pluggable.test.greeter.v1.GreetRequest");
		more.getMessageTypeBuilder(0).addField(field("more", 3, Type.TYPE_STRING));
		assertThat(differences(more)).isEmpty();
	}

	@Test
	void whenAFieldOrATypeHasOnlyAnotherNameThenThereAreNoDifferences() throws Exception {
		FileDescriptorProto.Builder renamed = greeter();
		renamed.getMessageTypeBuilder(0).getFieldBuilder(0).setName("person").setJsonName("person");
		renamed.getMessageTypeBuilder(0).setName("Renamed");
		renamed.getServiceBuilder(0)
			.getMethodBuilderList()
			.forEach((method) -> method.setInputType(".pluggable.test.greeter.v1.Renamed"));
		assertThat(differences(renamed)).isEmpty();
	}

	@Test
	void whenAMethodOrAFieldIsMissingThenItIsToldOnce() throws Exception {
		FileDescriptorProto.Builder less = greeter();
		less.getServiceBuilder(0).removeMethod(3);
		less.getMessageTypeBuilder(0).removeField(1);
		assertThat(differences(less)).containsExactlyInAnyOrder("field GreetRequest.times is missing in the component",
				"method Greeter.GreetEach is missing in the component");
	}

	@Test
	void whenTypesLabelsNumbersOrKindsOfCallsDifferThenEachIsTold() throws Exception {
		FileDescriptorProto.Builder changed = greeter();
		changed.getServiceBuilder(0).getMethodBuilder(0).setServerStreaming(true);
		changed.getMessageTypeBuilder(0).getFieldBuilder(0).setNumber(7);
		changed.getMessageTypeBuilder(0).getFieldBuilder(1).setType(Type.TYPE_STRING);
		changed.getMessageTypeBuilder(1)
			.getFieldBuilder(0)
			.setLabel(com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label.LABEL_REPEATED);
		assertThat(differences(changed)).containsExactlyInAnyOrder(
				"method Greeter.Greet is a method with a stream of responses in the "
						+ "component, and a unary method in the application",
				"field GreetRequest.name is number 7 in the component, and number 1 in the application",
				"field GreetRequest.times is string in the component, and int32 in the application",
				"field GreetResponse.greeting is repeated string in the component, and string in the application");
	}

	@Test
	void whenTypesOfTheServerFormAVeryLongChainThenTheirLastDifferenceIsTold() throws Exception {
		FileDescriptorProto compiled = file("chain.proto", "acme")
			.addMessageType(message("A", field("next", 1, ".acme.A"), field("text", 2, Type.TYPE_STRING)))
			.addService(service("S", "M", ".acme.A", ".acme.A"))
			.build();
		FileDescriptor known = FileDescriptor.buildFrom(compiled, new FileDescriptor[0]);
		int length = 20_000;
		FileDescriptorProto.Builder chain = file("chain.proto", "acme");
		for (int i = 0; i < length; i++) {
			chain.addMessageType(
					message("A" + i, field("next", 1, ".acme.A" + (i + 1)), field("text", 2, Type.TYPE_STRING)));
		}
		chain.addMessageType(message("A" + length, field("text", 2, Type.TYPE_STRING)));
		chain.addService(service("S", "M", ".acme.A0", ".acme.A0"));
		this.server.with(chain.build());
		io.grpc.ServiceDescriptor wanted = io.grpc.ServiceDescriptor.newBuilder("acme.S")
			.addMethod(Texts.unary("acme.S", "M"))
			.setSchemaDescriptor(new Schema(known))
			.build();
		assertThat(ContractComparison.differences(wanted, describe("acme.S")))
			.containsExactly("field A.next is missing in the component");
	}

	private record Schema(FileDescriptor file) implements ProtoServiceDescriptorSupplier {

		@Override
		public FileDescriptor getFileDescriptor() {
			return this.file;
		}

		@Override
		public ServiceDescriptor getServiceDescriptor() {
			return this.file.findServiceByName("S");
		}

	}

	@Test
	void whenContractsHaveNothingInCommonThenTheDifferencesAreBounded() throws Exception {
		FileDescriptorProto.Builder other = file("other.proto", "pluggable.test.greeter.v1");
		other.addMessageType(message("Nothing"));
		other.addService(service("Greeter", "Greet", ".pluggable.test.greeter.v1.Nothing",
				".pluggable.test.greeter.v1.Nothing"));
		assertThat(differences(other)).hasSize(6)
			.contains("field GreetRequest.name is missing in the component",
					"field GreetResponse.greeting is missing in the component");
		assertThat(GreetRequest.getDescriptor().getFields()).hasSize(2);
		assertThat(GreetResponse.getDescriptor().getFields()).hasSize(1);
	}

	private static final class DeadlineInterceptor implements io.grpc.ClientInterceptor {

		@Override
		public <Q, R> io.grpc.ClientCall<Q, R> interceptCall(io.grpc.MethodDescriptor<Q, R> method,
				io.grpc.CallOptions options, io.grpc.Channel next) {
			return next.newCall(method, options.withDeadlineAfter(200, TimeUnit.MILLISECONDS));
		}

	}

}
