package dev.pluggable.host;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import dev.pluggable.Component;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentImplementation;
import dev.pluggable.ComponentInitializationException;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.Draining;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.discovery.FolderStatus;
import dev.pluggable.discovery.SocketFile;
import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.discovery.SocketDiscovery;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointListener;
import dev.pluggable.internal.endpoint.EndpointTarget;
import dev.pluggable.internal.endpoint.RemoteComponent;
import dev.pluggable.internal.support.DaemonThreads;
import dev.pluggable.internal.support.Names;
import dev.pluggable.internal.supervisor.PluginSupervisor;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.transport.SocketPaths;
import dev.pluggable.transport.TransportType;
import io.grpc.ManagedChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds components, keeps them reachable and knows them all. Events are hints that
 * something may have changed; what is true is found by comparing what is there with what
 * is known, on one thread of the host that never blocks. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class ComponentHost implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(ComponentHost.class);

	private static final Duration THREAD_END = Duration.ofSeconds(5);

	private static final Duration DRAIN_END = Duration.ofSeconds(2);

	/**
	 * Name that no component can have, since health uses it for something else.
	 */
	public static final String RESERVED_NAME = Names.RESERVED;

	private final HostSettings settings;

	private final List<ComponentImplementation<?>> implementations;

	private final Transport transport;

	private final HostThread thread = new HostThread("pluggable-host");

	private final ScheduledExecutorService executor = this.thread.scheduler();

	private final ThreadPoolExecutor events;

	private final ThreadPoolExecutor handlers;

	private final DefaultComponentRegistry registry;

	private final EndpointContext endpointContext;

	private final HostServices hostServices = new HostServiceRegistry();

	private final PluginSupervisor plugins;

	private final Map<String, Endpoint> endpoints = new ConcurrentHashMap<>();

	private final Map<String, Instant> missingSince = new LinkedHashMap<>();

	private final Map<String, Map<String, String>> conflicts = new ConcurrentHashMap<>();

	private final Set<String> socketsOfPlugins = new HashSet<>();

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private final AtomicBoolean started = new AtomicBoolean();

	private final AtomicBoolean closed = new AtomicBoolean();

	private final AtomicBoolean reconcileRequested = new AtomicBoolean();

	private final Map<String, List<Runnable>> waitingForStores = new HashMap<>();

	private final Map<CompletableFuture<Boolean>, BooleanSupplier> waiting = new ConcurrentHashMap<>();

	private volatile @Nullable SocketDiscovery discovery;

	private volatile boolean scanned;

	/**
	 * Make a host with the kinds that come with the product.
	 * @param settings the settings
	 */
	public ComponentHost(HostSettings settings) {
		this(settings, List.of(), List.of(), (endpoint, builder) -> {
		});
	}

	/**
	 * Make a host. Components that are declared exist from now on; nothing is connected
	 * to before {@link #start()}.
	 * @param settings the settings
	 * @param kinds kinds besides those that come with the product
	 * @param implementations implementations inside this process besides those that come
	 * with their kinds
	 * @param customizer changes each channel before it is built
	 * @throws InvalidDeclarationException if a declaration cannot be met
	 * @throws dev.pluggable.ComponentInitializationException if a built-in component
	 * cannot be made
	 * @throws dev.pluggable.transport.TransportUnavailableException if the transport
	 * cannot be used here
	 */
	public ComponentHost(HostSettings settings, List<ComponentKind<?>> kinds,
			List<ComponentImplementation<?>> implementations, ComponentChannelCustomizer customizer) {
		this.settings = settings;
		this.implementations = List.copyOf(implementations);
		List<ComponentKind<?>> allKinds = new ArrayList<>(BuiltInKinds.ALL);
		allKinds.addAll(kinds);
		validate(settings.declarations(), allKinds);
		validate(settings.plugins());
		List<ComponentDeclaration> declarations = SecretReferences.inOrder(settings.declarations());
		this.transport = Transport.create(settings.transport());
		this.events = threads("pluggable-events");
		this.handlers = threads("pluggable-handler");
		this.registry = new DefaultComponentRegistry(allKinds, this.events);
		this.endpointContext = new EndpointContext(this.thread, this.handlers, this.transport,
				PeerPolicy.allowing(settings.allowedUids()), settings.endpoints(), customizer, new Listener());
		try {
			this.plugins = new PluginSupervisor(settings.plugins(), this.endpointContext, this::endpoint,
					this.hostServices, settings.pluginDirectory());
		}
		catch (RuntimeException ex) {
			this.transport.close();
			throw ex;
		}
		try {
			createDeclared(declarations);
		}
		catch (RuntimeException ex) {
			close();
			throw ex;
		}
	}

	private static void validate(List<ComponentDeclaration> declarations, List<ComponentKind<?>> kinds) {
		List<String> kindNames = kinds.stream().map(ComponentKind::name).sorted().toList();
		Set<String> prefixes = new TreeSet<>(kinds.stream().map(ComponentKind::typePrefix).toList());
		for (ComponentKind<?> kind : kinds) {
			if (kind.services().isEmpty() || kindNames.stream().filter(kind.name()::equals).count() > 1) {
				throw new IllegalArgumentException(
						"Kind '" + kind.name() + "' has no services, or there is another of its name");
			}
		}
		Set<String> names = new HashSet<>();
		for (ComponentDeclaration declaration : declarations) {
			String name = declaration.name();
			if (!names.add(name)) {
				throw new InvalidDeclarationException(declaration, "it is declared twice", "Use another name for one.");
			}
			if (!Names.isFreeName(name)) {
				throw new InvalidDeclarationException(declaration, "this cannot be the name of a component",
						"Use another name: " + Names.RULE + ", and do not use '" + RESERVED_NAME
								+ "', which health uses for something else.");
			}
			if (kindNames.stream().anyMatch((kind) -> name.equals(ComponentKind.IN_MEMORY + "." + kind))) {
				throw new InvalidDeclarationException(declaration, "this is the name of a built-in component",
						"Use another name.");
			}
			String clash = sameId(declaration, declarations, kinds);
			if (clash != null) {
				throw new InvalidDeclarationException(declaration,
						"this is what a part of the component '" + clash + "' is called, which is of several kinds",
						"Use another name for one.");
			}
			if (!prefixes.contains(declaration.type().kind())) {
				throw new InvalidDeclarationException(declaration,
						"there is no kind '" + declaration.type().kind() + "' (type '" + declaration.type() + "')",
						"Use a type of the form <kind>.<implementation>, where the kind is one of " + prefixes + ".");
			}
		}
	}

	private static void validate(List<PluginSettings> plugins) {
		Set<String> names = new HashSet<>();
		for (PluginSettings plugin : plugins) {
			if (!names.add(plugin.name().toLowerCase(Locale.ROOT))) {
				throw new IllegalArgumentException("There are two plugins of the name '" + plugin.name() + "'");
			}
		}
	}

	/**
	 * The component of which one kind would have the name of another component as its id.
	 */
	private static @Nullable String sameId(ComponentDeclaration declaration, List<ComponentDeclaration> others,
			List<ComponentKind<?>> kinds) {
		for (ComponentDeclaration other : others) {
			for (ComponentKind<?> kind : kinds) {
				if (!kind.typePrefix().equals(kind.name()) && kind.typePrefix().equals(other.type().kind())
						&& declaration.name().equals(other.name() + "." + kind.name())) {
					return other.name();
				}
			}
		}
		return null;
	}

	/**
	 * Threads as they are needed: whoever submits tasks bounds how many.
	 */
	private static ThreadPoolExecutor threads(String name) {
		return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(),
				DaemonThreads.named(name));
	}

	private void createDeclared(List<ComponentDeclaration> declarations) {
		Set<String> declared = new HashSet<>();
		for (ComponentDeclaration declaration : declarations) {
			boolean created = false;
			for (ComponentKind<?> kind : this.registry.kinds()) {
				if (declaration.type().kind().equals(kind.typePrefix()) && createDeclared(kind, declaration)) {
					declared.add(kind.name());
					created = true;
				}
			}
			if (!created) {
				throw new InvalidDeclarationException(declaration,
						"there is nothing of the type '" + declaration.type() + "' that its metadata leave",
						"Change or remove the metadata that limit what it is, such as 'direction'.");
			}
		}
		for (ComponentKind<?> kind : this.registry.kinds()) {
			BuiltInComponent<?> fallback = declared.contains(kind.name()) ? null
					: BuiltInComponent.fallback(kind, this.settings.application());
			if (fallback != null) {
				addBuiltIn(fallback);
			}
		}
	}

	/**
	 * Make what a declaration means of one kind.
	 * @return whether it means anything of that kind
	 */
	private <T> boolean createDeclared(ComponentKind<T> kind, ComponentDeclaration declaration) {
		if (!isMeant(kind, declaration)) {
			return false;
		}
		String implementation = declaration.type().implementation();
		ComponentContext context = new ComponentContext(declaration.name(), declaration.type(), declaration.metadata(),
				this.settings.application());
		ComponentFactory<? extends T> builtIn = builtIn(kind, implementation);
		SecretReferences secrets = declaration.secrets().isEmpty() ? null
				: new SecretReferences(declaration.secrets(), this.registry, this.handlers);
		if (builtIn != null) {
			createBuiltIn(kind, builtIn, context, declaration, secrets);
			return true;
		}
		if (isBuiltIn(kind.typePrefix(), implementation)) {
			return false;
		}
		Endpoint endpoint = endpoint(implementation);
		RemoteComponent<T> component = new RemoteComponent<>(kind, context, true, declaration.required(),
				declaration.settings(), endpoint, secrets);
		endpoint.attach(component);
		this.registry.add(component);
		onReadyStore(declaration, () -> endpoint.resume(component));
		return true;
	}

	private static boolean isMeant(ComponentKind<?> kind, ComponentDeclaration declaration) {
		try {
			return kind.isMeantBy(declaration.metadata());
		}
		catch (InvalidRequestException ex) {
			throw new InvalidDeclarationException(declaration, String.valueOf(ex.getMessage()),
					"Correct its metadata.");
		}
	}

	private <T> void createBuiltIn(ComponentKind<T> kind, ComponentFactory<? extends T> factory,
			ComponentContext context, ComponentDeclaration declaration, @Nullable SecretReferences secrets) {
		if (secrets != null && secrets.waitsFor() != null) {
			DeferredComponent<T> component = new DeferredComponent<>(kind, factory, context, declaration.required(),
					secrets, this.executor, this.handlers, this::componentChanged);
			this.closeables.add(component);
			this.registry.add(component);
			onReadyStore(declaration, component::attempt);
			return;
		}
		Map<String, String> values;
		try {
			values = (secrets != null) ? secrets.readNow() : Map.of();
		}
		catch (PluggableException ex) {
			throw new ComponentInitializationException("Component '" + context.name() + "' of type '" + context.type()
					+ "' cannot be made: " + ex.getMessage(), ex);
		}
		addBuiltIn(BuiltInComponent.declared(kind, factory, context, values, declaration.required()));
	}

	private void onReadyStore(ComponentDeclaration declaration, Runnable task) {
		SecretReferences.storesOf(declaration)
			.forEach((store) -> this.waitingForStores.computeIfAbsent(store, (name) -> new ArrayList<>()).add(task));
	}

	@SuppressWarnings("unchecked")
	private <T> @Nullable ComponentFactory<? extends T> builtIn(ComponentKind<T> kind, String implementation) {
		for (ComponentImplementation<?> candidate : this.implementations) {
			if (candidate.kind().name().equals(kind.name()) && candidate.name().equals(implementation)) {
				return ((ComponentImplementation<T>) candidate).factory();
			}
		}
		return kind.builtIns().get(implementation);
	}

	/**
	 * Whether an implementation is built in, for whichever kinds with the prefix.
	 */
	private boolean isBuiltIn(String typePrefix, String implementation) {
		return this.registry.kinds()
			.stream()
			.anyMatch((kind) -> kind.typePrefix().equals(typePrefix) && builtIn(kind, implementation) != null);
	}

	private void addBuiltIn(BuiltInComponent<?> component) {
		if (component.owned() instanceof AutoCloseable closeable) {
			this.closeables.add(closeable);
		}
		this.registry.add(component);
	}

	private Endpoint endpoint(String name) {
		return this.endpoints.computeIfAbsent(name.toLowerCase(Locale.ROOT),
				(key) -> new Endpoint(name, this.endpointContext));
	}

	/**
	 * Begin to look for components. Returns at once; calling it again does nothing.
	 */
	public void start() {
		if (this.closed.get() || !this.started.compareAndSet(false, true)) {
			return;
		}
		SocketDiscovery discovery = new SocketDiscovery(this.settings.socketFolders(), this::requestReconcile);
		this.discovery = discovery;
		this.plugins.start();
		try {
			this.executor.scheduleWithFixedDelay(this::reconcile, 0, this.settings.reconcileInterval().toNanos(),
					TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			// Closed meanwhile.
			discovery.close();
		}
	}

	private void requestReconcile() {
		if (this.reconcileRequested.compareAndSet(false, true)) {
			try {
				this.executor.execute(this::reconcile);
			}
			catch (RejectedExecutionException ex) {
				// Closed meanwhile.
			}
		}
	}

	private void reconcile() {
		this.reconcileRequested.set(false);
		SocketDiscovery discovery = this.discovery;
		if (discovery == null || this.closed.get()) {
			return;
		}
		try {
			Map<String, SocketFile> sockets = discovery.scan();
			sockets.forEach((key, socket) -> guarded(() -> found(key, socket)));
			this.endpoints.forEach((key, endpoint) -> {
				if (!sockets.containsKey(key) && !this.plugins.isPlugin(key)) {
					guarded(() -> missing(key, endpoint));
				}
			});
			this.scanned = true;
			checkWaiting();
		}
		catch (RuntimeException | Error ex) {
			// A periodic task that throws would never run again.
			logger.error("Looking for components failed; it goes on", ex);
		}
	}

	private void found(String key, SocketFile socket) {
		if (this.plugins.isPlugin(key)) {
			if (this.socketsOfPlugins.add(key)) {
				logger.warn("The socket {} is not used: a plugin has its name", socket.path());
			}
			return;
		}
		this.missingSince.remove(key);
		endpoint(socket.name()).update(EndpointTarget.of(socket));
	}

	/**
	 * What goes wrong with one endpoint must not harm another.
	 */
	private static void guarded(Runnable task) {
		try {
			task.run();
		}
		catch (RuntimeException | Error ex) {
			logger.error("Looking after an endpoint failed", ex);
		}
	}

	private void missing(String key, Endpoint endpoint) {
		endpoint.update(null);
		if (endpoint.connected() || endpoint.isGone()) {
			return;
		}
		if (endpoint.components().isEmpty()) {
			endpoint.close();
			this.endpoints.remove(key);
			this.missingSince.remove(key);
			this.conflicts.remove(endpoint.name());
			return;
		}
		Instant since = this.missingSince.computeIfAbsent(key, (name) -> Instant.now());
		if (Duration.between(since, Instant.now()).compareTo(this.settings.goneAfter()) >= 0) {
			endpoint.gone();
			this.missingSince.remove(key);
		}
	}

	/**
	 * The components.
	 * @return the registry
	 */
	public ComponentRegistry registry() {
		return this.registry;
	}

	/**
	 * The endpoints at this moment, without those that are gone for good.
	 * @return their states, ordered by name
	 */
	public List<EndpointStatus> endpoints() {
		return this.endpoints.values()
			.stream()
			.filter((endpoint) -> !endpoint.isGone())
			.map(Endpoint::status)
			.sorted(Comparator.comparing(EndpointStatus::name))
			.toList();
	}

	/**
	 * What the last look into the folders found.
	 * @return one status for each folder, empty before the first look
	 */
	public List<FolderStatus> folders() {
		SocketDiscovery discovery = this.discovery;
		return (discovery != null) ? discovery.statuses() : List.of();
	}

	/**
	 * Kinds on endpoints that are not published because their names are taken.
	 * @param endpoint name of the endpoint
	 * @return reasons by kind, empty if all is well
	 */
	public Map<String, String> conflicts(String endpoint) {
		return this.conflicts.getOrDefault(endpoint, Map.of());
	}

	/**
	 * Implementations of a kind inside this process.
	 * @param kind the kind
	 * @return their names, ordered
	 */
	public Set<String> builtIns(ComponentKind<?> kind) {
		Set<String> names = new TreeSet<>(kind.builtIns().keySet());
		for (ComponentImplementation<?> implementation : this.implementations) {
			if (implementation.kind().name().equals(kind.name())) {
				names.add(implementation.name());
			}
		}
		return names;
	}

	/**
	 * The processes that the application has launched.
	 * @return the plugins
	 */
	public Plugins plugins() {
		return this.plugins;
	}

	/**
	 * Wait until all required plugins are ready, each for as long as it may take to
	 * start.
	 * @return those that are not
	 */
	public List<PluginStatus> awaitRequiredPlugins() {
		return this.plugins.awaitRequired();
	}

	/**
	 * What the application offers to plugins.
	 * @return the services, to which more may be added at any time
	 */
	public HostServices hostServices() {
		return this.hostServices;
	}

	/**
	 * How sockets are spoken to.
	 * @return the transport, never {@link TransportType#AUTO}
	 */
	public TransportType transport() {
		return this.transport.type();
	}

	/**
	 * Why transports that would have come first are not used.
	 * @return reasons by transport
	 */
	public Map<TransportType, String> unavailableTransports() {
		return this.transport.unavailable();
	}

	/**
	 * Wait until each socket that was there at the first look is either ready, with its
	 * components, or known to be of no use.
	 * @param timeout how long to wait at most
	 * @return whether all were
	 */
	public boolean awaitFirstLook(Duration timeout) {
		return await(timeout, () -> this.scanned && this.endpoints.values().stream().allMatch(this::settled));
	}

	private boolean settled(Endpoint endpoint) {
		if (!this.plugins.isSettled(endpoint.name())) {
			return false;
		}
		EndpointStatus status = endpoint.status();
		return switch (status.state()) {
			case CONNECTING -> false;
			case READY -> endpoint.components().stream().noneMatch(RemoteComponent::initializing);
			default -> true;
		};
	}

	/**
	 * The sockets of which it is not known yet what they are.
	 * @return names of endpoints, ordered
	 */
	public List<String> unidentified() {
		return this.endpoints.values()
			.stream()
			.filter((endpoint) -> !settled(endpoint))
			.map(Endpoint::name)
			.sorted()
			.toList();
	}

	/**
	 * Wait until all required components are ready.
	 * @param timeout how long to wait at most
	 * @return those that are not
	 */
	public List<Component<?>> awaitRequired(Duration timeout) {
		await(timeout, () -> missingRequired().isEmpty());
		return missingRequired();
	}

	private List<Component<?>> missingRequired() {
		return this.registry.components()
			.stream()
			.filter((component) -> component.required() && component.status().state() != ComponentState.READY)
			.toList();
	}

	private boolean await(Duration timeout, BooleanSupplier condition) {
		CompletableFuture<Boolean> future = new CompletableFuture<>();
		this.waiting.put(future, condition);
		try {
			this.executor.execute(this::checkWaiting);
			return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException | ExecutionException | RejectedExecutionException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
		finally {
			this.waiting.remove(future);
		}
	}

	private void checkWaiting() {
		this.waiting.forEach((future, condition) -> {
			if (condition.getAsBoolean()) {
				future.complete(true);
			}
		});
	}

	/**
	 * End all connections, after calls under way had time to finish, and all threads.
	 * Calls from now on throw {@link dev.pluggable.ComponentUnavailableException}.
	 */
	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		boolean interrupted = Thread.interrupted();
		drain();
		long deadline = System.nanoTime() + this.settings.endpoints().drainTimeout().toNanos();
		for (ManagedChannel channel : closeEndpoints()) {
			terminate(channel, deadline);
		}
		this.plugins.close();
		this.waiting.keySet().forEach((future) -> future.complete(false));
		this.executor.shutdownNow();
		this.events.shutdown();
		this.handlers.shutdownNow();
		SocketDiscovery discovery = this.discovery;
		if (discovery != null) {
			discovery.close();
		}
		for (AutoCloseable closeable : this.closeables) {
			BuiltInComponent.closeQuietly(closeable);
		}
		this.transport.close();
		this.thread.close(THREAD_END);
		awaitEnd(this.events);
		awaitEnd(this.handlers);
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Let what takes work from components on its own come to an end.
	 */
	private void drain() {
		Duration grace = this.settings.endpoints().drainTimeout();
		// Those that are gone are not in the registry, and may be handling something
		// still.
		Stream<Component<?>> away = this.endpoints.values()
			.stream()
			.flatMap((endpoint) -> endpoint.components().stream());
		CompletableFuture<?>[] drained = Stream.concat(this.registry.components().stream(), away)
			.distinct()
			.map(Component::instance)
			.filter(Draining.class::isInstance)
			.map((instance) -> drain((Draining) instance, grace))
			.toArray(CompletableFuture[]::new);
		try {
			CompletableFuture.allOf(drained).get(grace.plus(DRAIN_END).toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn("What components were working on did not end in order", ex);
		}
	}

	/**
	 * What goes wrong with one instance must not keep the others, and the rest of the
	 * host, from their end.
	 */
	private static CompletableFuture<?> drain(Draining instance, Duration grace) {
		try {
			return instance.drain(grace).toCompletableFuture();
		}
		catch (RuntimeException | Error ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	private List<ManagedChannel> closeEndpoints() {
		CompletableFuture<List<ManagedChannel>> closing = CompletableFuture.supplyAsync(() -> {
			List<ManagedChannel> channels = new ArrayList<>();
			this.endpoints.values().forEach((endpoint) -> channels.addAll(endpoint.close()));
			return channels;
		}, this.executor);
		try {
			return closing.get(THREAD_END.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return List.of();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn("Endpoints could not be closed in order", ex);
			return List.of();
		}
	}

	private static void terminate(ManagedChannel channel, long deadline) {
		try {
			if (!channel.awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
				channel.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			channel.shutdownNow();
			Thread.currentThread().interrupt();
		}
	}

	private static void awaitEnd(ThreadPoolExecutor executor) {
		try {
			if (!executor.awaitTermination(THREAD_END.toMillis(), TimeUnit.MILLISECONDS)) {
				executor.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			executor.shutdownNow();
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Decides what a new generation's services mean.
	 */
	private final class Listener implements EndpointListener {

		@Override
		public void identified(Endpoint endpoint, Set<String> services) {
			Map<String, String> conflicts = new LinkedHashMap<>();
			boolean any = false;
			for (ComponentKind<?> kind : ComponentHost.this.registry.kinds()) {
				if (kind.services().stream().anyMatch(services::contains)) {
					any = true;
					String conflict = tryOffer(endpoint, kind);
					if (conflict != null) {
						conflicts.put(kind.name(), conflict);
					}
				}
			}
			if (!any && endpoint.components().isEmpty()) {
				conflicts.put("anything", "it offers none of the known kinds "
						+ ComponentHost.this.registry.kinds().stream().map(ComponentKind::name).toList());
			}
			Map<String, String> before = ComponentHost.this.conflicts.put(endpoint.name(), Map.copyOf(conflicts));
			if (!conflicts.equals((before != null) ? before : Map.of())) {
				conflicts.forEach((kind, reason) -> logger.warn("Not publishing {} of endpoint '{}': {}", kind,
						endpoint.name(), reason));
			}
		}

		private @Nullable String tryOffer(Endpoint endpoint, ComponentKind<?> kind) {
			try {
				return offer(endpoint, kind);
			}
			catch (RuntimeException | Error ex) {
				logger.error("A component of kind {} cannot be made for endpoint '{}'", kind.name(), endpoint.name(),
						ex);
				return "a component of this kind cannot be made: " + ex;
			}
		}

		/**
		 * Publish a kind that was found, unless a component on the endpoint is of it.
		 * @return why it is not published, {@code null} if all is well
		 */
		private <T> @Nullable String offer(Endpoint endpoint, ComponentKind<T> kind) {
			if (endpoint.components().stream().anyMatch((component) -> standsFor(component, kind))) {
				return null;
			}
			String name = endpoint.name();
			ComponentType type = new ComponentType(kind.typePrefix(), name);
			if (isBuiltIn(type.kind(), type.implementation())) {
				return "'" + type + "' is the name of a built-in type, which stays; use another name for the socket";
			}
			if (ComponentHost.this.registry.find(kind, name).isPresent()) {
				return "a " + kind.name() + " component '" + name
						+ "' is declared with another type; use another name for the socket or for the component";
			}
			String id = name + "." + kind.name();
			if (ComponentHost.this.registry.components().stream().anyMatch((component) -> component.id().equals(id))) {
				return "a component '" + id + "' is declared; use another name for the socket or for the component";
			}
			if (!ComponentHost.this.settings.publishUndeclared()) {
				return null;
			}
			ComponentContext context = new ComponentContext(name, type, Map.of(),
					ComponentHost.this.settings.application());
			RemoteComponent<T> component = new RemoteComponent<>(kind, context, false, false,
					ComponentHost.this.settings.undeclared(), endpoint);
			endpoint.attach(component);
			ComponentHost.this.registry.add(component);
			return null;
		}

		/**
		 * A declaration stands for all kinds with its prefix, also for those that it does
		 * not want.
		 */
		private static boolean standsFor(Component<?> component, ComponentKind<?> kind) {
			return component.kind().name().equals(kind.name())
					|| (component.declared() && component.kind().typePrefix().equals(kind.typePrefix()));
		}

		@Override
		public void changed(Endpoint endpoint) {
			if (endpoint.status().state() == EndpointState.LOST) {
				// Its socket may have been replaced: look now.
				requestReconcile();
			}
			ComponentHost.this.plugins.endpointChanged(endpoint);
			checkWaiting();
		}

		@Override
		public void initialized(Endpoint endpoint) {
			ComponentHost.this.plugins.endpointChanged(endpoint);
		}

		@Override
		public void componentChanged(ComponentEvent event) {
			ComponentHost.this.componentChanged(event);
		}

	}

	private void componentChanged(ComponentEvent event) {
		Component<?> component = event.component();
		boolean known = this.registry.contains(component);
		boolean gone = event.status().state() == ComponentState.GONE;
		if (gone && known) {
			this.registry.remove(component);
		}
		else if (!gone && !known) {
			this.registry.add(component);
		}
		else if (!gone) {
			this.registry.publish(event);
		}
		if (SecretReferences.isReadyStore(component)) {
			// Not now: the store may be in the middle of something.
			this.waitingForStores.getOrDefault(component.name(), List.of()).forEach(this::later);
		}
		checkWaiting();
	}

	private void later(Runnable task) {
		try {
			this.executor.execute(() -> guarded(task));
		}
		catch (RejectedExecutionException ex) {
			// Closed meanwhile.
		}
	}

	/**
	 * The kinds that come with the product.
	 * @return the kinds
	 */
	public static List<ComponentKind<?>> builtInKinds() {
		return BuiltInKinds.ALL;
	}

	/**
	 * Check a folder before it is watched.
	 * @param folder a folder
	 * @return what is wrong with it, {@code null} if sockets in it can be reached
	 */
	public static @Nullable String checkFolder(Path folder) {
		int shortest = SocketPaths.length(folder.resolve("x"));
		return (shortest <= SocketPaths.MAX_BYTES) ? null
				: "sockets in it could not be reached: the path of a socket may have at most " + SocketPaths.MAX_BYTES
						+ " bytes, and the shortest in this folder would have " + shortest;
	}

	/**
	 * Check a folder before private directories for plugins are made in it.
	 * @param directory the folder
	 * @return what is wrong with it, {@code null} if sockets in it can be reached
	 */
	public static @Nullable String checkPluginDirectory(Path directory) {
		return PluginSupervisor.checkDirectory(directory);
	}

}
