package dev.pluggable.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

import dev.pluggable.Component;
import dev.pluggable.ComponentImplementation;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.endpoint.RemoteComponent;
import dev.pluggable.internal.host.DiscoveredComponents;
import dev.pluggable.internal.host.HostEndpoints;
import dev.pluggable.internal.host.HostListener;
import dev.pluggable.internal.host.HostRegistry;
import dev.pluggable.internal.host.HostShutdown;
import dev.pluggable.internal.host.Implementations;
import dev.pluggable.internal.host.Readiness;
import dev.pluggable.internal.host.Reconciler;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.support.Names;
import dev.pluggable.internal.support.OwnThreads;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.observation.Observers;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.transport.SocketPaths;
import dev.pluggable.transport.TransportType;
import org.jspecify.annotations.Nullable;

/**
 * The application side: finds components, keeps them reachable and publishes them in a
 * registry. An application that does not use the Spring Boot starter creates one host,
 * starts it, and closes it at its end.
 *
 * <pre>{@code
 * try (ComponentHost host = new ComponentHost(HostSettings.defaults().withSocketFolders(Set.of(folder)))) {
 *     host.start();
 *     host.awaitFirstLook(Duration.ofSeconds(5));
 *     StateStore store = host.registry().components(StateStoreKind.INSTANCE).get("redis");
 * }
 * }</pre>
 * <p>
 * All threads of a host are daemon threads. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class ComponentHost implements AutoCloseable {

	/**
	 * Name that no component and no plugin can have, since health reports the sources of
	 * components by this name.
	 */
	public static final String RESERVED_NAME = Names.RESERVED;

	private static final long IDLE_THREAD_SECONDS = 10;

	/**
	 * The time of work in progress when the host closes.
	 */
	private static final Duration CLOSE_GRACE = Duration.ofSeconds(10);

	private final Transport transport;

	private final HostThread thread = new HostThread("pluggable-host");

	private final OwnThreads eventThreads = OwnThreads.named("pluggable-events");

	private final ThreadPoolExecutor events = pool(this.eventThreads);

	private final OwnThreads handlerThreads = OwnThreads.named("pluggable-handler");

	private final ThreadPoolExecutor handlers = pool(this.handlerThreads);

	private final HostServiceRegistry hostServices = new HostServiceRegistry();

	private final Implementations implementations;

	private final HostRegistry registry;

	private final EndpointContext context;

	private final HostEndpoints endpoints;

	private final List<EndpointSource> sources = new ArrayList<>();

	private final EndpointSources knownSources;

	private final Reconciler reconciler;

	private final Readiness readiness;

	private final DeclaredComponents declared;

	private final HostShutdown shutdown;

	private final AtomicBoolean started = new AtomicBoolean();

	private final AtomicBoolean closed = new AtomicBoolean();

	/**
	 * Create a host with the kinds that come with the product.
	 * @param settings the settings
	 * @throws InvalidDeclarationException if a declaration cannot be met
	 * @throws dev.pluggable.ComponentInitializationException if a built-in component
	 * cannot be created
	 * @throws dev.pluggable.transport.TransportUnavailableException if the transport
	 * cannot be used on this machine
	 */
	public ComponentHost(HostSettings settings) {
		this(settings, List.of(), List.of(), (endpoint, builder) -> {
		});
	}

	/**
	 * Create a host. Declared components exist from now on. The host connects to nothing
	 * and launches nothing before {@link #start()}.
	 * @param settings the settings
	 * @param kinds kinds besides those that come with the product
	 * @param implementations implementations inside this process, besides those that come
	 * with their kinds
	 * @param customizer changes each channel before it is built
	 * @throws InvalidDeclarationException if a declaration cannot be met
	 * @throws IllegalArgumentException if two kinds have one name, or the name of a kind
	 * is not valid
	 * @throws dev.pluggable.ComponentInitializationException if a built-in component
	 * cannot be created
	 * @throws dev.pluggable.transport.TransportUnavailableException if the transport
	 * cannot be used on this machine
	 */
	public ComponentHost(HostSettings settings, List<ComponentKind<?>> kinds,
			List<ComponentImplementation<?>> implementations, ComponentChannelCustomizer customizer) {
		this(settings, kinds, implementations, customizer, Observers.NONE);
	}

	/**
	 * Create a host that is observed. Apart from that like
	 * {@link #ComponentHost(HostSettings, List, List, ComponentChannelCustomizer)}.
	 * @param settings the settings
	 * @param kinds kinds besides those that come with the product
	 * @param implementations implementations inside this process, besides those that come
	 * with their kinds
	 * @param customizer changes each channel before it is built
	 * @param observers hear what happens
	 * @throws InvalidDeclarationException if a declaration cannot be met
	 * @throws IllegalArgumentException if two kinds have one name, or the name of a kind
	 * is not valid
	 * @throws dev.pluggable.ComponentInitializationException if a built-in component
	 * cannot be created
	 * @throws dev.pluggable.transport.TransportUnavailableException if the transport
	 * cannot be used on this machine
	 * @since 0.1.0
	 */
	public ComponentHost(HostSettings settings, List<ComponentKind<?>> kinds,
			List<ComponentImplementation<?>> implementations, ComponentChannelCustomizer customizer,
			Observers observers) {
		List<ComponentKind<?>> allKinds = new ArrayList<>(BuiltInKinds.ALL);
		allKinds.addAll(kinds);
		this.registry = new HostRegistry(allKinds, this.events);
		List<ComponentDeclaration> declarations = DeclarationValidator.validate(settings.declarations(), allKinds);
		this.implementations = new Implementations(allKinds, implementations);
		this.transport = Transport.create(settings.transport(), settings.maxInboundMetadataSize());
		SecretStoreWaiters waiters = new SecretStoreWaiters(this.thread);
		this.endpoints = new HostEndpoints(this::createEndpoint);
		this.readiness = new Readiness(this.thread, this.registry, this.endpoints, this.sources);
		this.reconciler = new Reconciler(this.thread, this.sources, this.endpoints, settings.reconcileInterval(),
				settings.goneAfter(), this.readiness::check);
		HostListener listener = new HostListener(this.registry,
				new DiscoveredComponents(this.registry, this.endpoints, this.implementations,
						settings.publishUndeclared() ? settings.undeclared() : null, settings.publishUnknownServices(),
						settings.application()),
				this.sources, this.readiness, this.reconciler::request, this.reconciler::isLooking, waiters);
		this.context = new EndpointContext(this.thread, this.handlers, this.transport,
				PeerPolicy.allowing(settings.allowedUids()), settings.endpoints(), customizer, listener, observers);
		this.declared = new DeclaredComponents(this.registry, this.implementations, this.endpoints,
				settings.application(), this.thread, this.handlers, waiters, listener::componentChanged,
				observers.messages());
		Duration drainTimeout = settings.endpoints().drainTimeout();
		this.shutdown = new HostShutdown(this.thread, this.endpoints,
				(CLOSE_GRACE.compareTo(drainTimeout) < 0) ? CLOSE_GRACE : drainTimeout);
		try {
			this.knownSources = EndpointSources.create(settings, this.context, this.endpoints, this.hostServices,
					(references) -> new SecretReferences(references, this.registry, this.handlers));
			this.sources.addAll(this.knownSources.all());
			this.declared.create(declarations);
		}
		catch (RuntimeException ex) {
			close();
			throw ex;
		}
	}

	/**
	 * Threads that are created when they are needed. The submitters limit their number.
	 */
	private static ThreadPoolExecutor pool(OwnThreads threads) {
		return new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_THREAD_SECONDS, TimeUnit.SECONDS,
				new SynchronousQueue<>(), threads);
	}

	private Endpoint createEndpoint(String name) {
		return new Endpoint(name, this.context);
	}

	/**
	 * Begin to look for components and launch the plugins. Returns at once. A host starts
	 * once: further calls do nothing, and neither does a call on a closed host.
	 */
	public void start() {
		if (!this.closed.get() && this.started.compareAndSet(false, true)) {
			// An endpoint may not have its components yet, because its thread attaches
			// them.
			for (Component<?> component : this.registry.components()) {
				if (component instanceof RemoteComponent<?> remote) {
					remote.started();
				}
			}
			this.reconciler.start();
		}
	}

	/**
	 * All components of the host.
	 * @return the registry, which always shows the current state
	 */
	public ComponentRegistry registry() {
		return this.registry;
	}

	/**
	 * Current status of all endpoints. An endpoint is missing here once its process has
	 * gone for good.
	 * @return a snapshot, ordered by name
	 */
	public List<EndpointStatus> endpoints() {
		return this.endpoints.all()
			.stream()
			.filter((endpoint) -> !endpoint.isGone())
			.map(Endpoint::status)
			.sorted(Comparator.comparing(EndpointStatus::name))
			.toList();
	}

	/**
	 * Current status of the socket folders.
	 * @return a snapshot in the order of {@link HostSettings#socketFolders()}; empty
	 * until the host has read the folders for the first time
	 */
	public List<FolderStatus> folders() {
		return this.knownSources.folders().statuses();
	}

	/**
	 * Reasons why the host does not publish kinds that an endpoint serves, such as a name
	 * that is taken.
	 * @param endpoint name of the endpoint
	 * @return reasons by kind; empty if the host publishes all kinds, or there is no such
	 * endpoint
	 */
	public Map<String, String> conflicts(String endpoint) {
		return this.endpoints.conflicts(endpoint);
	}

	/**
	 * Names of the implementations of a kind inside this process.
	 * @param kind the kind
	 * @return the names in alphabetical order
	 */
	public Set<String> builtIns(ComponentKind<?> kind) {
		return this.implementations.names(kind);
	}

	/**
	 * The plugins that the application launches.
	 * @return the plugins, which always show the current state
	 */
	public Plugins plugins() {
		return this.knownSources.plugins();
	}

	/**
	 * Wait until all required plugins are ready. The wait for a plugin ends early if its
	 * next attempt to start follows much later. An interrupt of the calling thread ends
	 * the wait, and the thread stays interrupted.
	 * @param timeout the longest wait
	 * @return the required plugins that are not ready; empty if all are
	 */
	public List<PluginStatus> awaitRequiredPlugins(Duration timeout) {
		return this.knownSources.plugins().awaitRequired(timeout);
	}

	/**
	 * The services that the application offers to plugins.
	 * @return the services; the application may add to them at any time
	 */
	public HostServices hostServices() {
		return this.hostServices;
	}

	/**
	 * The transport that connects sockets.
	 * @return the transport, never {@link TransportType#AUTO}
	 */
	public TransportType transport() {
		return this.transport.type();
	}

	/**
	 * Reasons why the host does not use the transports that {@link TransportType#AUTO}
	 * prefers to {@link #transport()}.
	 * @return reasons by transport; empty if the host uses the first one or none was to
	 * be chosen
	 */
	public Map<TransportType, String> unavailableTransports() {
		return this.transport.unavailable();
	}

	/**
	 * Wait until the host has looked for endpoints once, and each endpoint is either
	 * ready, with its components, or known to be unusable. An interrupt of the calling
	 * thread ends the wait, and the thread stays interrupted.
	 * @param timeout the longest wait
	 * @return {@code false} if the wait ended early
	 */
	public boolean awaitFirstLook(Duration timeout) {
		return this.readiness.awaitIdentified(this.reconciler::done, timeout);
	}

	/**
	 * The endpoints that are neither ready nor known to be unusable yet.
	 * @return names of endpoints, in alphabetical order
	 */
	public List<String> unidentified() {
		return this.readiness.unidentified();
	}

	/**
	 * Wait until all required components are ready. An interrupt of the calling thread
	 * ends the wait, and the thread stays interrupted.
	 * @param timeout the longest wait
	 * @return the required components that are not ready; empty if all are
	 */
	public List<Component<?>> awaitRequired(Duration timeout) {
		return awaitRequired(timeout, (component) -> true);
	}

	/**
	 * Wait until the required components that the application uses are ready. An
	 * interrupt of the calling thread ends the wait, and the thread stays interrupted.
	 * @param timeout the longest wait
	 * @param used whether the application uses a component; must be safe for use by many
	 * threads
	 * @return the required components that are used and not ready; empty if all are ready
	 */
	public List<Component<?>> awaitRequired(Duration timeout, Predicate<Component<?>> used) {
		return this.readiness.awaitRequired(timeout, used);
	}

	/**
	 * Close the host: let components finish their work and calls in flight end, each for
	 * 10 s at most, or {@link dev.pluggable.endpoint.EndpointSettings#drainTimeout()} if
	 * that is shorter. Then stop the plugins, close the built-in components and end all
	 * threads. Further calls of components throw
	 * {@link dev.pluggable.ComponentUnavailableException}. Returns when all of this is
	 * done. Closing again does nothing. A handler of a message may close the host: the
	 * host waits for all other handlers, and the message gets no answer.
	 */
	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		boolean interrupted = Thread.interrupted();
		this.reconciler.stop();
		boolean inListener = this.eventThreads.isCurrent();
		boolean inHandler = this.shutdown.drain(this.registry) || this.handlerThreads.isCurrent();
		this.shutdown.closeEndpoints();
		this.shutdown.closeSources(this.sources);
		this.readiness.close();
		this.events.shutdown();
		this.handlers.shutdownNow();
		if (inHandler) {
			// The calling thread is one of the handlers' threads, and goes on.
			Thread.interrupted();
		}
		this.shutdown.endThread();
		this.declared.close();
		this.transport.close();
		if (!inListener) {
			this.shutdown.awaitEnd(this.events);
		}
		if (inHandler) {
			Thread.interrupted();
		}
		else {
			this.shutdown.awaitEnd(this.handlers);
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * The kinds that come with the product.
	 * @return the kinds, an immutable list
	 */
	public static List<ComponentKind<?>> builtInKinds() {
		return BuiltInKinds.ALL;
	}

	/**
	 * Check the path of a socket folder.
	 * @param folder the folder, which need not exist
	 * @return the reason why no client can reach a socket in the folder; {@code null} if
	 * the path is fine
	 */
	public static @Nullable String checkFolder(Path folder) {
		int shortest = SocketPaths.length(folder.resolve("x"));
		return (shortest <= SocketPaths.MAX_BYTES) ? null
				: "sockets in it could not be reached: the path of a socket may have at most " + SocketPaths.MAX_BYTES
						+ " bytes, and the shortest in this folder would have " + shortest;
	}

	/**
	 * Check the path of the folder in which plugins get their private directories.
	 * @param directory the folder, which need not exist
	 * @return the reason why no client can reach a socket in such a directory;
	 * {@code null} if the path is fine
	 */
	public static @Nullable String checkPluginDirectory(Path directory) {
		return EndpointSources.checkPluginDirectory(directory);
	}

}
