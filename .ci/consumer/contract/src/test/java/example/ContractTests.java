package example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ComponentType;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.server.ComponentServer;
import example.greeter.GreetRequest;
import example.greeter.GreetResponse;
import example.greeter.Greeter;
import example.greeter.GreeterKind;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class ContractTests {

	@Test
	void aGeneratedContractIsServedAndCalled() throws Exception {
		Path folder = Files.createTempDirectory("contract");
		Greeter implementation = (request) -> GreetResponse.newBuilder()
			.setGreeting("Hello, " + request.getName())
			.build();
		ComponentDeclaration hello = new ComponentDeclaration("hello", ComponentType.of("greetings.demo"), true,
				Map.of(), HostSettings.defaultComponentSettings());
		try (ComponentServer server = ComponentServer.inFolder(folder, "demo")
			.serveInstance(GreeterKind.INSTANCE, implementation)
			.instance("hello", Map.of())
			.start();
				ComponentHost host = new ComponentHost(HostSettings.defaults()
					.withSocketFolders(Set.of(server.socket().getParent()))
					.withDeclarations(List.of(hello)), List.of(GreeterKind.INSTANCE), List.of(),
						(endpoint, builder) -> {
						})) {
			host.start();
			assertEquals(List.of(), List.copyOf(host.awaitRequired(Duration.ofSeconds(30))));
			Greeter greeter = host.registry().find(GreeterKind.INSTANCE, "hello").orElseThrow().instance();
			assertEquals("Hello, Ada", greeter.greet(GreetRequest.newBuilder().setName("Ada").build()).getGreeting());
		}
		Files.delete(folder);
	}

}
