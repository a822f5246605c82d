package example;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentType;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.server.ComponentServer;
import example.greeter.GreetRequest;
import example.greeter.GreetResponse;
import example.greeter.Greeter;
import example.greeter.GreeterKind;
import io.grpc.Status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An application that serves and calls a greeter.
 */
public final class Use {

	private Use() {
	}

	/**
	 * Serve a greeter on a socket and call it.
	 * @param folder the folder of the socket
	 * @throws Exception if a call fails
	 */
	public static void run(Path folder) throws Exception {
		Greeter implementation = (request) -> {
			if (request.getName().isEmpty()) {
				throw Status.INVALID_ARGUMENT.withDescription("nobody").asRuntimeException();
			}
			return GreetResponse.newBuilder().setGreeting("Hello, " + request.getName()).build();
		};
		ComponentDeclaration declaration = new ComponentDeclaration("hello", ComponentType.of("greeter.demo"), true,
				Map.of(), 
				new ComponentSettings(Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(20),
						Duration.ofSeconds(2), 1 << 20));
		HostSettings settings = HostSettings.defaults()
			.withSocketFolders(Set.of(folder))
			.withDeclarations(List.of(declaration));
		GreeterKind kind = GreeterKind.INSTANCE;
		try (ComponentServer server = ComponentServer.inFolder(folder, "demo").serveInstance(kind, implementation)
			.instance("hello", Map.of())
			.start(); ComponentHost host = new ComponentHost(settings, List.of(kind), List.of(), (endpoint, builder) -> {
				})) {
			host.start();
			Greeter greeter = host.registry().find(kind, "hello").orElseThrow().instance();
			assertThat(greeter.greet(request("Ada")).getGreeting()).isEqualTo("Hello, Ada");
			assertThat(greeter.async().greet(request("Bob")).get(20, TimeUnit.SECONDS).getGreeting())
				.isEqualTo("Hello, Bob");
			assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> greeter.greet(request("")))
				.withMessageContaining("nobody");
			assertThat(server.isReachable()).isTrue();
		}
	}

	private static GreetRequest request(String name) {
		return GreetRequest.newBuilder().setName(name).build();
	}

}
