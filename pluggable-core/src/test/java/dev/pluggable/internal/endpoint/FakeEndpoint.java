package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.InitializingGeneration;
import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import org.jspecify.annotations.Nullable;

/**
 * A real {@link Endpoint} with a fake server and fake time.
 */
final class FakeEndpoint implements EndpointListener, Prober {

	static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

	static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(20);

	/** A transport without threads and sockets. The fake server takes its place. */
	private static final Transport UNUSED = Transport.create(TransportType.AUTO);

	private static final EndpointSettings SETTINGS = new EndpointSettings(FakeServer.CONNECT_TIMEOUT,
			Duration.ofSeconds(10), Duration.ofSeconds(2), DRAIN_TIMEOUT);

	private static final ComponentSettings COMPONENT = new ComponentSettings(CALL_TIMEOUT, FakeServer.INIT_TIMEOUT,
			Duration.ZERO, 1024);

	final FakeHostThread host = new FakeHostThread();

	final FakeServer server = new FakeServer(this.host);

	/** States of the endpoint and changes of components, in the order of the reports. */
	final List<String> reports = new ArrayList<>();

	final List<ComponentEvent> componentEvents = new ArrayList<>();

	/** Runs inside each report of a changed endpoint. */
	Runnable onChanged = () -> {
	};

	/** Runs when services are identified. */
	Runnable onIdentified = () -> {
	};

	ProbeResult.Health health = ProbeResult.Health.UP;

	int probes;

	/** Completes when the component answers probes. */
	CompletableFuture<?> answer = CompletableFuture.completedFuture(null);

	/** Runs inside each probe. */
	Runnable onProbe = () -> {
	};

	final Endpoint endpoint = new Endpoint("redis", new EndpointContext(this.host.thread(), Runnable::run, UNUSED,
			PeerPolicy.allowing(Set.of()), SETTINGS, (name, builder) -> {
			}, this), this.server, this);

	RemoteComponent<Object> declare(String kind, String name) {
		return declare(kind, name, null);
	}

	RemoteComponent<Object> declare(String kind, String name, @Nullable MetadataSecrets secrets) {
		return attach(kind, name, true, false, secrets);
	}

	RemoteComponent<Object> require(String kind, String name) {
		return attach(kind, name, true, true, null);
	}

	RemoteComponent<Object> discover(String kind) {
		return attach(kind, this.endpoint.name(), false, false, null);
	}

	private RemoteComponent<Object> attach(String kind, String name, boolean declared, boolean required,
			@Nullable MetadataSecrets secrets) {
		ComponentContext context = new ComponentContext(name, new ComponentType("test", "redis"), Map.of(),
				new ApplicationIdentity("app", "instance"));
		RemoteComponent<Object> component = new RemoteComponent<>(new Kind(kind), context, declared, required,
				COMPONENT, this.endpoint, List.of(), secrets);
		this.host.run(() -> this.endpoint.attach(component));
		return component;
	}

	void run(Runnable task) {
		this.host.run(task);
	}

	void advance(Duration duration) {
		this.host.advance(duration);
	}

	void update(String identity) {
		run(() -> this.endpoint.update(FakeServer.target(identity)));
	}

	/** Connect to a further process, and let components stay where they are. */
	FakeServer.Connection prepare(String identity) {
		run(() -> this.endpoint.prepare(FakeServer.target(identity)));
		return this.server.latest();
	}

	/** Tell whether a further process can take over. */
	boolean isReadyOn(String identity) {
		boolean[] ready = new boolean[1];
		run(() -> ready[0] = this.endpoint.isReadyOn(FakeServer.target(identity)));
		return ready[0];
	}

	void vanish() {
		run(() -> this.endpoint.update(null));
	}

	/** Connect to a server that answers. */
	FakeServer.Connection ready() {
		this.server.mode = FakeServer.Mode.SERVING;
		update("first");
		return this.server.latest();
	}

	void end(FakeServer.Connection connection) {
		run(connection::end);
	}

	EndpointState state() {
		return this.endpoint.status().state();
	}

	@Nullable String reason() {
		return this.endpoint.status().reason();
	}

	@Override
	public void identified(Endpoint endpoint, Set<String> services) {
		this.onIdentified.run();
	}

	@Override
	public void changed(Endpoint endpoint) {
		this.reports.add(endpoint.status().state().name());
		this.onChanged.run();
	}

	@Override
	public void initialized(Endpoint endpoint) {
		this.reports.add("Init");
	}

	@Override
	public void componentChanged(ComponentEvent event) {
		this.componentEvents.add(event);
		ComponentState state = event.status().state();
		this.reports.add(event.component().kind().name() + " " + state);
	}

	@Override
	public CompletionStage<ProbeResult> server(Generation generation) {
		return component();
	}

	@Override
	public CompletionStage<ProbeResult> component(RemoteComponent<?> component, Generation generation) {
		return component();
	}

	private CompletionStage<ProbeResult> component() {
		this.probes++;
		this.onProbe.run();
		return this.answer.thenApply((answered) -> new ProbeResult(this.health, "fake", this.host.time().instant()));
	}

	/**
	 * A kind whose {@code Init} reaches the fake server. Kind A belongs to service
	 * test.A.
	 */
	final class Kind implements ComponentKind<Object> {

		private final String name;

		Kind(String name) {
			this.name = name;
		}

		@Override
		public String name() {
			return this.name;
		}

		@Override
		public String typePrefix() {
			return "test";
		}

		@Override
		public Class<Object> type() {
			return Object.class;
		}

		@Override
		public List<String> services() {
			return List.of("test." + this.name);
		}

		@Override
		public Object createProxy(ComponentClient client) {
			return client;
		}

		@Override
		public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
			return FakeEndpoint.this.server.connection(generation.channel())
				.initialize(this.name + " " + context.name());
		}

		@Override
		public CompletionStage<?> ping(Channel channel) {
			throw new UnsupportedOperationException();
		}

		@Override
		public List<ServerServiceDefinition> serve(ComponentInstances<Object> instances) {
			throw new UnsupportedOperationException();
		}

	}

}
