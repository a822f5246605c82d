package dev.pluggable.server;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import dev.pluggable.InvalidRequestException;
import dev.pluggable.hello.HelloKind;
import dev.pluggable.internal.reflection.ServiceReflection;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.proto.components.v1.InputBindingGrpc;
import dev.pluggable.transport.SocketPaths;
import dev.pluggable.transport.TransportType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1alpha.ServerReflectionGrpc;
import io.grpc.reflection.v1alpha.ServerReflectionRequest;
import io.grpc.reflection.v1alpha.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for the services of a {@link ComponentServer}.
 */
class ComponentServerTests {

	private final Path folder;

	ComponentServerTests(@TempDir Path folder) {
		this.folder = folder;
	}

	private ComponentServer.Builder server() {
		return ComponentServer.inFolder(this.folder, "echo")
			.serve(EchoKind.INSTANCE, (name, metadata) -> (text) -> name + metadata + text);
	}

	private static boolean isAvailable(TransportType type) {
		try (Transport transport = Transport.create(type)) {
			return transport.type() == type;
		}
		catch (RuntimeException ex) {
			return false;
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "EPOLL", "NIO" })
	void whenInitialisedThenAnswers(TransportType type) throws IOException {
		assumeThat(isAvailable(type)).isTrue();
		try (ComponentServer server = server().transport(type).start();
				EchoClient client = new EchoClient(server.socket(), type)) {
			assertThat(server.socket()).isEqualTo(this.folder.resolve("echo.sock"));
			client.init("one", Map.of("a", "b"));
			assertThat(client.say("one", "!")).isEqualTo("one{a=b}!");
			assertThat(Files.getPosixFilePermissions(server.socket()))
				.isEqualTo(PosixFilePermissions.fromString("rw-------"));
			assertThat(this.folder).isDirectoryNotContaining((path) -> !path.equals(server.socket()));
		}
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void instancesAreSeparatedByHeader() {
		try (ComponentServer server = server().start(); EchoClient client = new EchoClient(server.socket())) {
			client.init("one", Map.of("n", "1"));
			client.init("two", Map.of("n", "2"));
			client.init("", Map.of());
			assertThat(client.say("one", "!")).isEqualTo("one{n=1}!");
			assertThat(client.say("two", "!")).isEqualTo("two{n=2}!");
			assertThat(client.say("", "!")).isEqualTo("{}!");
		}
	}

	@Test
	void whenNotInitialisedThenCallSaysSo() {
		try (ComponentServer server = server().start(); EchoClient client = new EchoClient(server.socket())) {
			client.init("one", Map.of());
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> client.say("two", "!"))
				.withMessageContaining("FAILED_PRECONDITION")
				.withMessageContaining("echo component 'two' is not initialised");
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> client.say("", "!"))
				.withMessageContaining("echo component without a name is not initialised");
		}
	}

	@Test
	void reflectionListsServicesInBothVersions() throws Exception {
		try (ComponentServer server = server().start(); EchoClient client = new EchoClient(server.socket())) {
			assertThat(new ServiceReflection().listServices(client.channel())
				.toCompletableFuture()
				.get(20, TimeUnit.SECONDS)).contains(EchoKind.SERVICE, HealthGrpc.SERVICE_NAME);
			assertThat(listV1Alpha(client)).contains(EchoKind.SERVICE, HealthGrpc.SERVICE_NAME);
		}
	}

	private static Set<String> listV1Alpha(EchoClient client) throws InterruptedException {
		BlockingQueue<Set<String>> answers = new LinkedBlockingQueue<>();
		StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(client.channel())
			.serverReflectionInfo(new StreamObserver<>() {

				@Override
				public void onNext(ServerReflectionResponse response) {
					Set<String> names = new HashSet<>();
					response.getListServicesResponse()
						.getServiceList()
						.forEach((service) -> names.add(service.getName()));
					answers.add(names);
				}

				@Override
				public void onError(Throwable failure) {
					answers.add(Set.of(failure.toString()));
				}

				@Override
				public void onCompleted() {
				}

			});
		requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
		Set<String> answer = answers.poll(20, TimeUnit.SECONDS);
		requests.onCompleted();
		return (answer != null) ? answer : Set.of();
	}

	@Test
	void healthIsServing() {
		try (ComponentServer server = server().start(); EchoClient client = new EchoClient(server.socket())) {
			assertThat(health(client, "")).isEqualTo(ServingStatus.SERVING);
		}
	}

	@Test
	void whenAServiceHasAPingThenHealthLeavesTheAnswerToIt() {
		try (ComponentServer server = server().start(); EchoClient client = new EchoClient(server.socket())) {
			for (String service : List.of(EchoKind.SERVICE, InputBindingGrpc.SERVICE_NAME)) {
				assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> health(client, service))
					.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
			}
		}
	}

	@Test
	void whenAServiceHasNoPingThenHealthIsServing() {
		try (ComponentServer server = ComponentServer.inFolder(this.folder, "hi")
			.serve(HelloKind.INSTANCE, (name, metadata) -> (text) -> text)
			.start(); EchoClient client = new EchoClient(server.socket())) {
			assertThat(health(client, HelloKind.INSTANCE.services().get(0))).isEqualTo(ServingStatus.SERVING);
		}
	}

	private static ServingStatus health(EchoClient client, String service) {
		return HealthGrpc.newBlockingStub(client.channel())
			.withDeadlineAfter(20, TimeUnit.SECONDS)
			.check(HealthCheckRequest.newBuilder().setService(service).build())
			.getStatus();
	}

	@Test
	void severalKindsShareASocket() {
		try (ComponentServer server = ComponentServer.inFolder(this.folder, "both")
			.serve(new EchoKind("unary", EchoKind.Services.UNARY), (name, metadata) -> (text) -> text)
			.serve(new EchoKind("stream", EchoKind.Services.STREAM), (name, metadata) -> (text) -> text)
			.start(); EchoClient client = new EchoClient(server.socket())) {
			client.init("", Map.of());
			assertThat(client.say("", "!")).isEqualTo("!");
			assertThat(new ServiceReflection().listServices(client.channel()).toCompletableFuture().join())
				.contains(EchoKind.SERVICE, InputBindingGrpc.SERVICE_NAME);
		}
	}

	@Test
	void whenKindComesTwiceThenRefused() {
		ComponentServer.Builder builder = server();
		assertThatIllegalArgumentException()
			.isThrownBy(() -> builder.serve(EchoKind.INSTANCE, (name, metadata) -> (text) -> text))
			.withMessageContaining("'echo'");
	}

	@Test
	void whenKindsHaveAServiceInCommonThenRefused() {
		ComponentServer.Builder builder = server().serve(new EchoKind("stream", EchoKind.Services.STREAM),
				(name, metadata) -> (text) -> text);
		assertThatIllegalArgumentException().isThrownBy(builder::start)
			.withMessageContaining("[echo, stream]")
			.withMessageContaining(InputBindingGrpc.SERVICE_NAME);
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenMessageIsTooLargeThenServerLives() {
		try (ComponentServer server = server().maxInboundMessageSize(1000).start();
				EchoClient client = new EchoClient(server.socket())) {
			client.init("", Map.of());
			assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> client.say("", "x".repeat(1_000_000)))
				.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
			assertThat(client.say("", "!")).isEqualTo("{}!");
		}
	}

	@Test
	void whenConnectionsComeAndGoThenServerLives() throws IOException {
		try (ComponentServer server = server().start(); EchoClient client = new EchoClient(server.socket())) {
			client.init("", Map.of());
			for (int i = 0; i < 3000; i++) {
				try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
					channel.connect(UnixDomainSocketAddress.of(server.socket()));
				}
			}
			assertThat(client.say("", "!")).isEqualTo("{}!");
		}
	}

	@Test
	void whenFactoryFailsThenInitFailsAndServerLives() {
		AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>(
				new InvalidRequestException("no 'url'"));
		try (ComponentServer server = ComponentServer.builder(this.folder.resolve("x.sock"))
			.serve(EchoKind.INSTANCE, (name, metadata) -> {
				RuntimeException ex = failure.get();
				if (ex != null) {
					throw ex;
				}
				return (text) -> text;
			})
			.start(); EchoClient client = new EchoClient(server.socket())) {
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> client.init("", Map.of()))
				.withMessage("INVALID_ARGUMENT: no 'url'");
			failure.set(null);
			client.init("", Map.of());
			assertThat(client.say("", "!")).isEqualTo("!");
		}
	}

	@Test
	void permissionsCanBeWidened() throws IOException {
		try (ComponentServer server = server().permissions(PosixFilePermissions.fromString("rw-rw----")).start()) {
			assertThat(Files.getPosixFilePermissions(server.socket()))
				.isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
		}
	}

	@Test
	void folderIsMadeForOurUserOnly() throws IOException {
		Path made = this.folder.resolve("a/b");
		try (ComponentServer server = ComponentServer.inFolder(made, "x")
			.serve(EchoKind.INSTANCE, (name, metadata) -> (text) -> text)
			.start()) {
			assertThat(server.socket()).exists();
			assertThat(Files.getPosixFilePermissions(made)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
		}
	}

	@Test
	void whenNothingIsServedThenDoesNotStart() {
		ComponentServer.Builder builder = ComponentServer.builder(this.folder.resolve("x.sock"));
		assertThatIllegalStateException().isThrownBy(builder::start).withMessageContaining("nothing to serve");
	}

	@Test
	void settingsAreChecked() {
		ComponentServer.Builder builder = ComponentServer.builder(this.folder.resolve("x.sock"));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.maxInboundMessageSize(0));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.threads(0));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.shutdownTimeout(Duration.ofMillis(-1)));
		for (String name : List.of("", "a/b", "../x", ".hidden", "a b")) {
			assertThatIllegalArgumentException().isThrownBy(() -> ComponentServer.inFolder(this.folder, name))
				.withMessageContaining("'" + name + "'");
		}
	}

	@Test
	void applicationsLookIntoTheFoldersOfAllVariables() {
		assertThat(SocketPaths.defaultFolders((variable) -> null))
			.containsExactly(Path.of("/tmp/dapr-components-sockets"));
		assertThat(SocketPaths.defaultFolders(Map.of("LAYOTTO_COMPONENTS_SOCKETS_FOLDER", "/l")::get))
			.containsExactly(Path.of("/l"));
		assertThat(SocketPaths
			.defaultFolders(Map.of("LAYOTTO_COMPONENTS_SOCKETS_FOLDER", "/l", "DAPR_COMPONENT_SOCKETS_FOLDER", "/b",
					"DAPR_COMPONENTS_SOCKETS_FOLDER", "", "DAPR_COMPONENT_SOCKET_FOLDER", "/b")::get))
			.containsExactly(Path.of("/b"), Path.of("/l"));
	}

	@Test
	void defaultFolderIsThatOfComponentSdks() {
		assertThat(SocketPaths.defaultFolder((variable) -> null)).isEqualTo(Path.of("/tmp/dapr-components-sockets"));
		assertThat(SocketPaths.defaultFolder(Map.of("DAPR_COMPONENT_SOCKET_FOLDER", "/c")::get))
			.isEqualTo(Path.of("/c"));
		assertThat(SocketPaths
			.defaultFolder(Map.of("DAPR_COMPONENT_SOCKETS_FOLDER", "/b", "DAPR_COMPONENT_SOCKET_FOLDER", "/c")::get))
			.isEqualTo(Path.of("/b"));
		assertThat(SocketPaths
			.defaultFolder(Map.of("DAPR_COMPONENTS_SOCKETS_FOLDER", "/a", "DAPR_COMPONENT_SOCKETS_FOLDER", "/b")::get))
			.isEqualTo(Path.of("/a"));
		assertThat(SocketPaths
			.defaultFolder(Map.of("DAPR_COMPONENTS_SOCKETS_FOLDER", "", "DAPR_COMPONENT_SOCKETS_FOLDER", "/b")::get))
			.isEqualTo(Path.of("/b"));
	}

}
