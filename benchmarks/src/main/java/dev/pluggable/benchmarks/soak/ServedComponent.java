package dev.pluggable.benchmarks.soak;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import dev.pluggable.pubsub.InMemoryPubSub;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStoreKind;
import org.jspecify.annotations.Nullable;

/**
 * A component that the application itself serves in the socket folder. Its values and
 * messages outlive its server.
 */
final class ServedComponent extends Target implements AutoCloseable {

	private static final String CONSUMER = "soak";

	private final Path folder;

	private final InMemoryStateStore store = new InMemoryStateStore();

	private final InMemoryPubSub broker = new InMemoryPubSub();

	private @Nullable ComponentServer server;

	private volatile Truth truth = Truth.DEAD;

	/**
	 * Create a component that is not served yet.
	 * @param name name of the endpoint
	 * @param folder the socket folder
	 */
	ServedComponent(String name, Path folder) {
		super(name);
		this.folder = folder;
		// Messages are kept for a group of consumers from its first subscription on.
		this.broker
			.subscribe(SubscribeRequest.of(Load.TOPIC).withMetadata(Map.of(PubSubKind.CONSUMER_ID, CONSUMER)),
					(message) -> MessageOutcome.RETRY)
			.close();
	}

	@Override
	Map<String, Object> properties() {
		Map<String, Object> properties = new HashMap<>(super.properties());
		properties.put("pluggable.components." + pubSubName() + ".metadata." + PubSubKind.CONSUMER_ID, CONSUMER);
		return properties;
	}

	@Override
	boolean launched() {
		return false;
	}

	@Override
	Truth truth() {
		return this.truth;
	}

	Path socket() {
		return this.folder.resolve(name() + ".sock");
	}

	void start() {
		this.truth = Truth.CHANGING;
		this.server = ComponentServer.inFolder(this.folder, name())
			.serveInstance(StateStoreKind.INSTANCE, this.store)
			.serveInstance(PubSubKind.INSTANCE, this.broker)
			.start();
		this.truth = Truth.SERVING;
	}

	void stop() {
		ComponentServer server = this.server;
		if (server != null) {
			this.truth = Truth.CHANGING;
			server.close();
			this.server = null;
			this.truth = Truth.DEAD;
		}
	}

	@Override
	public void close() {
		stop();
		this.broker.close();
	}

}
