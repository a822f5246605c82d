package dev.pluggable.internal.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.Component;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointClaims;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointListener;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.endpoint.RemoteComponent;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import dev.pluggable.transport.TransportType;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a host with fake time and without sockets.
 */
final class TestHost implements EndpointListener, AutoCloseable {

	static final ComponentSettings SETTINGS = new ComponentSettings(Duration.ofSeconds(5), Duration.ofSeconds(5),
			Duration.ZERO, 1024);

	final FakeHostThread thread = new FakeHostThread();

	final HostRegistry registry;

	final HostEndpoints endpoints = new HostEndpoints(this::create);

	final Implementations implementations;

	final List<ComponentEvent> events = new ArrayList<>();

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final EndpointContext context;

	TestHost() {
		this(null);
	}

	/**
	 * Create a host whose endpoints belong to a given thread instead of the test's
	 * thread.
	 */
	TestHost(@Nullable HostThread thread) {
		this.context = new EndpointContext((thread != null) ? thread : this.thread.thread(), Runnable::run,
				this.transport, PeerPolicy.allowing(Set.of()), new EndpointSettings(Duration.ofSeconds(5),
						Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(1)),
				(endpoint, builder) -> {
				}, this);
		this.registry = new HostRegistry(List.of(StateStoreKind.INSTANCE), Runnable::run);
		this.implementations = new Implementations(this.registry.kinds(), List.of());
		this.registry.onEvent(this.events::add);
	}

	private Endpoint create(String name) {
		return new Endpoint(name, this.context);
	}

	/**
	 * Add a component to an endpoint, and to the registry.
	 */
	RemoteComponent<StateStore> component(String name, boolean declared, boolean required) {
		Endpoint endpoint = this.endpoints.get(name);
		RemoteComponent<StateStore> component = new RemoteComponent<>(StateStoreKind.INSTANCE,
				new ComponentContext(name, new ComponentType("state", name), Map.of(), ApplicationIdentity.UNKNOWN),
				declared, required, SETTINGS, endpoint);
		endpoint.attach(component);
		this.registry.add(component);
		return component;
	}

	@Override
	public void identified(Endpoint endpoint, Set<String> services) {
	}

	@Override
	public void changed(Endpoint endpoint) {
	}

	@Override
	public void initialized(Endpoint endpoint) {
	}

	@Override
	public void componentChanged(ComponentEvent event) {
		Component<?> component = event.component();
		this.events.add(new ComponentEvent(event.change(), component, event.status()));
	}

	@Override
	public void close() {
		this.transport.close();
	}

	/**
	 * A source whose behaviour the test sets.
	 */
	static final class FakeSource implements EndpointSource {

		final EndpointClaims claims;

		final Map<String, Boolean> settled = new HashMap<>();

		Runnable reconcile = () -> {
		};

		final List<Endpoint> changed = new ArrayList<>();

		Runnable hint;

		int reconciliations;

		Runnable close = () -> {
		};

		FakeSource(EndpointClaims claims) {
			this.claims = claims;
		}

		@Override
		public void start(Runnable hint) {
			this.hint = hint;
		}

		@Override
		public void reconcile() {
			this.reconciliations++;
			this.reconcile.run();
		}

		@Override
		public void endpointChanged(Endpoint endpoint) {
			this.changed.add(endpoint);
		}

		@Override
		public boolean isSettled(String endpoint) {
			return this.settled.getOrDefault(endpoint, true);
		}

		@Override
		public void close() {
			this.close.run();
		}

	}

}
