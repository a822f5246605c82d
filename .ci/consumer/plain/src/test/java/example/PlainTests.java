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
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

class PlainTests {

	@Test
	void aProgramWithoutSpringServesAndUsesAStateStore() throws Exception {
		Path folder = Files.createTempDirectory("plain");
		ComponentDeclaration orders = new ComponentDeclaration("orders", ComponentType.of("state.memory"), true,
				Map.of(), HostSettings.defaultComponentSettings());
		try (ComponentServer server = ComponentServer.inFolder(folder, "memory")
			.serve(StateStoreKind.INSTANCE, (name, metadata) -> new InMemoryStateStore())
			.start();
				ComponentHost host = new ComponentHost(HostSettings.defaults()
					.withSocketFolders(Set.of(server.socket().getParent()))
					.withDeclarations(List.of(orders)))) {
			host.start();
			assertEquals(List.of(), List.copyOf(host.awaitRequired(Duration.ofSeconds(30))));
			StateStore store = host.registry().find(StateStoreKind.INSTANCE, "orders").orElseThrow().instance();
			store.set("key", new byte[] { 1, 2, 3 });
			assertArrayEquals(new byte[] { 1, 2, 3 }, store.get("key").orElseThrow().value());
		}
		Files.delete(folder);
	}

}
