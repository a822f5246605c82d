package dev.pluggable.pubsub;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.server.ComponentServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

import static org.awaitility.Awaitility.await;

/**
 * The in-memory component, called through the proxy, a socket and the service.
 */
class GrpcPubSubBehaviourTests extends PubSubBehaviour {

	private static ComponentServer server;

	private static ComponentHost host;

	private static PubSub pubSub;

	@BeforeAll
	static void start(@TempDir Path folder) throws Exception {
		server = ComponentServer.inFolder(folder, "bus").serve(PubSubKind.INSTANCE, InMemoryPubSub::new).start();
		ComponentDeclaration declaration = new ComponentDeclaration("bus", ComponentType.of("pubsub.bus"), true,
				Map.of(), HostSettings.defaultComponentSettings());
		host = new ComponentHost(
				HostSettings.defaults().withSocketFolders(Set.of(folder)).withDeclarations(List.of(declaration)));
		host.start();
		Component<PubSub> component = host.registry().find(PubSubKind.INSTANCE, "bus").orElseThrow();
		await().until(() -> component.status().state() == ComponentState.READY);
		pubSub = component.instance();
	}

	@AfterAll
	static void stop() {
		host.close();
		server.close();
	}

	@Override
	protected PubSub pubSub() {
		return pubSub;
	}

}
