package dev.pluggable.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import dev.pluggable.Component;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.state.StateStoreKind;
import io.grpc.ManagedChannel;

/**
 * A component in its own process, a host of the product that is connected to the
 * component, and hand-made channels to the same process.
 */
final class Side implements AutoCloseable {

	private static final String SOCKET = "bare";

	/** JVM options of the component, which must be small and must not be a bottleneck. */
	private static final List<String> JVM = List.of("-Xms512m", "-Xmx1g", "-XX:+UseParallelGC");

	private final WorkFolder folder = new WorkFolder();

	private final List<AutoCloseable> opened = new ArrayList<>(List.of(this.folder));

	private final Path pingPong;

	private final ServerProcess process;

	private final ComponentHost host;

	private final ManagedChannel unix;

	private final ManagedChannel tcp;

	Side() throws IOException {
		Path sockets = this.folder.folder("s");
		Path socket = sockets.resolve(SOCKET + ".sock");
		this.pingPong = this.folder.resolve("ping-pong");
		this.process = add(ServerProcess.start(BareComponent.class, JVM, socket.toString(), this.pingPong.toString()));
		this.host = add(new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(sockets))
			.withDeclarations(List.of(declaration("store", "state"), declaration("bus", "pubsub"),
					declaration("dynamic", "dynamic").withServices(List.of(StateStoreGrpc.SERVICE_NAME))))));
		this.host.start();
		if (!this.host.awaitRequired(Duration.ofSeconds(30)).isEmpty()) {
			throw new IOException("The component did not become ready: " + this.host.endpoints());
		}
		BareChannels bare = add(new BareChannels());
		this.unix = bare.unix(socket);
		this.tcp = bare.tcp(Integer.parseInt(this.process.details().split(" ")[0]));
	}

	private <T extends AutoCloseable> T add(T closeable) {
		this.opened.add(0, closeable);
		return closeable;
	}

	private static ComponentDeclaration declaration(String name, String kind) {
		ComponentSettings settings = new ComponentSettings(Duration.ofSeconds(StateCalls.DEADLINE_SECONDS),
				Duration.ofSeconds(5), Duration.ZERO, BareChannels.LARGEST_MESSAGE);
		return new ComponentDeclaration(name, ComponentType.of(kind + "." + SOCKET), true, Map.of(), settings);
	}

	/**
	 * Return the object that an application has injected.
	 * @param kind {@link StateStoreKind} or {@link PubSubKind}
	 */
	<T> T injected(ComponentKind<T> kind) {
		return this.host.registry()
			.components(kind)
			.stream()
			.filter(Component::required)
			.findFirst()
			.orElseThrow()
			.instance();
	}

	/**
	 * Return the access to the state store that its proxy has.
	 */
	ComponentClient client() {
		return Objects
			.requireNonNull(this.host.registry().find(StateStoreKind.INSTANCE, "store").orElseThrow().client());
	}

	/**
	 * Return a hand-made channel to the component's socket.
	 */
	ManagedChannel unix() {
		return this.unix;
	}

	/**
	 * Return a hand-made channel to the same services over TCP.
	 */
	ManagedChannel tcp() {
		return this.tcp;
	}

	/**
	 * Return the socket of {@link PingPong}.
	 */
	Path pingPong() {
		return this.pingPong;
	}

	/**
	 * Create a warm-up of this process and the component's process.
	 */
	Warmup warmup() {
		return new Warmup(() -> Warmup.compilerMillis() + Long.parseLong(this.process.ask("compilers")));
	}

	@Override
	public void close() throws Exception {
		for (AutoCloseable closeable : this.opened) {
			closeable.close();
		}
	}

}
