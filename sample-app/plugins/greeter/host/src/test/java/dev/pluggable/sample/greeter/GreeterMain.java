package dev.pluggable.sample.greeter;

import java.nio.file.Path;
import java.util.stream.Stream;

import dev.pluggable.InvalidRequestException;
import dev.pluggable.sample.greeter.v1.GreetReply;
import dev.pluggable.sample.greeter.v1.GreetRequest;
import dev.pluggable.sample.greeter.v1.Greeter;
import dev.pluggable.sample.greeter.v1.GreeterKind;
import dev.pluggable.server.ComponentServer;

/**
 * The service in Java: an implementation of the generated interface, served by the
 * generated kind.
 */
final class GreeterMain implements Greeter {

	private GreeterMain() {
	}

	public static void main(String[] arguments) throws InterruptedException {
		Path socket = Path.of(System.getenv("PLUGGABLE_SOCKET_PATH"));
		try (ComponentServer server = ComponentServer.builder(socket)
			.serveInstance(GreeterKind.INSTANCE, new GreeterMain())
			.closeOnExit()
			.start()) {
			server.awaitTermination();
		}
	}

	@Override
	public GreetReply greet(GreetRequest request) {
		return greeting("Hello", request);
	}

	@Override
	public Stream<GreetReply> greetInAll(GreetRequest request) {
		return Stream.of("Hello", "Bonjour", "Hallo", "Hola").map((word) -> greeting(word, request));
	}

	private static GreetReply greeting(String word, GreetRequest request) {
		if (request.getName().isEmpty()) {
			throw new InvalidRequestException("the name is empty");
		}
		return GreetReply.newBuilder().setGreeting(word + ", " + request.getName() + "!").build();
	}

}
