package dev.pluggable.host;

import java.nio.file.Path;

import dev.pluggable.InvalidRequestException;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStoreKind;

/**
 * A state store as a process of its own: serves an in-memory store on the socket that is
 * its one argument, until it is killed.
 */
public final class StateComponentMain {

	private StateComponentMain() {
	}

	public static void main(String[] arguments) throws InterruptedException {
		try (ComponentServer server = ComponentServer.builder(Path.of(arguments[0]))
			.serve(StateStoreKind.INSTANCE, (name, metadata) -> {
				if (metadata.containsKey("crash")) {
					Runtime.getRuntime().halt(3);
				}
				if (metadata.containsKey("refuse")) {
					throw new InvalidRequestException("refused as asked");
				}
				return new InMemoryStateStore();
			})
			.start()) {
			System.out.println("listening on " + server.socket());
			server.awaitTermination();
		}
	}

}
