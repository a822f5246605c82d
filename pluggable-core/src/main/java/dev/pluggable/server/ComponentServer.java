package dev.pluggable.server;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentKind;
import dev.pluggable.Draining;
import dev.pluggable.internal.support.DaemonThreads;
import dev.pluggable.internal.support.Names;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.server.ComponentServerException.Reason;
import dev.pluggable.transport.SocketPaths;
import dev.pluggable.transport.TransportType;
import dev.pluggable.transport.TransportUnavailableException;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves components to other processes over a Unix domain socket. A server has the
 * services of its kinds, reflection ({@code grpc.reflection.v1} and {@code v1alpha}), by
 * which hosts identify the kinds, and {@code grpc.health.v1}.
 *
 * <pre>{@code
 * ComponentServer server = ComponentServer.inFolder(ComponentServer.defaultFolder(), "orders")
 *     .serve(StateStoreKind.INSTANCE, (name, metadata) -> new OrderStore(metadata))
 *     .closeOnExit()
 *     .start();
 * server.awaitTermination();
 * }</pre>
 * <p>
 * Each kind has one instance for each component name that callers send in the header
 * {@code x-component-instance}. The factory creates an instance when a caller calls
 * {@code Init}. Several hosts share an instance if they send the same name, and metadata
 * that differ only in the {@link ComponentKind#hostMetadata() entries of the host}. The
 * server closes an {@link AutoCloseable} instance when {@code Init} comes with other
 * metadata, and when the server closes. A factory may return one object several times;
 * the server closes the object after its last use. The server never closes an object of
 * {@link Builder#serveInstance}.
 * <p>
 * All threads are daemon threads, so a {@code main} method must wait. Safe for use by
 * many threads.
 *
 * @since 0.1.0
 */
public final class ComponentServer implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(ComponentServer.class);

	private static final int MAX_CALLS_PER_CONNECTION = 1000;

	private static final long IDLE_THREAD_SECONDS = 10;

	/**
	 * Shortest time between two keepalive pings of a client. The server closes the
	 * connection of a client that sends more.
	 */
	private static final long KEEP_ALIVE_SECONDS = 1;

	private static final Duration AWAIT_CLOSED = Duration.ofSeconds(5);

	private final Path path;

	private final Duration shutdownTimeout;

	private final InstanceOwner owner = new InstanceOwner();

	private final InstanceOwner borrower = InstanceOwner.ofBorrowed();

	private final Map<String, Instances<?>> instances = new LinkedHashMap<>();

	private final HealthStatusManager health = new HealthStatusManager();

	private final OpenCalls openCalls;

	private final Transport transport;

	private final ThreadPoolExecutor executor;

	private final ServerShutdown shutdown;

	private final ServerSockets sockets;

	private volatile @Nullable Thread closing;

	private final AtomicBoolean closed = new AtomicBoolean();

	private final CountDownLatch terminated = new CountDownLatch(1);

	private final @Nullable Thread exitHook;

	private ComponentServer(Builder builder) {
		this.path = builder.socket;
		this.shutdownTimeout = builder.shutdownTimeout;
		List<ServerServiceDefinition> services = services(builder);
		this.openCalls = new OpenCalls(services);
		this.transport = Transport.create(builder.transport);
		this.executor = executor(builder.threads);
		this.shutdown = new ServerShutdown(this.path, this.transport, this.executor);
		this.sockets = new ServerSockets(this.path, builder.allowUntrustedFolder, builder.permissions,
				(bindPath, connections) -> start(bindPath, connections, services, builder));
		this.exitHook = builder.closeOnExit ? new Thread(this::close, "pluggable-server-exit") : null;
	}

	/**
	 * Open the socket. The exit hook comes first, so that the socket never outlives the
	 * process.
	 */
	private void open(Set<String> kinds) {
		addExitHook();
		try {
			this.sockets.open();
		}
		catch (RuntimeException | Error ex) {
			removeExitHook();
			this.shutdown.abandon();
			throw ex;
		}
		logger.info("Serving {} on {} ({})", kinds, this.path, this.transport.type());
	}

	private List<ServerServiceDefinition> services(Builder builder) {
		Map<String, ServerServiceDefinition> services = new LinkedHashMap<>();
		for (ServedKind<?> kind : builder.kinds.values()) {
			List<ServerServiceDefinition> served = kind.serve(kind.owned() ? this.owner : this.borrower,
					builder.instances, this.instances::put);
			if (served.isEmpty()) {
				throw new IllegalArgumentException("The kind '" + kind.kind().name() + "' has no service side");
			}
			for (ServerServiceDefinition service : served) {
				String name = service.getServiceDescriptor().getName();
				if (services.put(name, ServerInterceptors.interceptForward(service, builder.interceptors)) != null) {
					throw new IllegalArgumentException("Two of the kinds " + builder.kinds.keySet()
							+ " have the service '" + name + "'; serve them on different sockets");
				}
			}
		}
		return List.copyOf(services.values());
	}

	private static ThreadPoolExecutor executor(int threads) {
		ThreadPoolExecutor executor = new ThreadPoolExecutor(threads, threads, IDLE_THREAD_SECONDS, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), DaemonThreads.numbered("pluggable-server-"));
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

	// Current hosts ask for v1alpha only.
	@SuppressWarnings("deprecation")
	private Server start(Path bindPath, HostConnection.Filter connections, List<ServerServiceDefinition> services,
			Builder settings) {
		NettyServerBuilder builder = this.transport.server(bindPath, settings.maxConnections)
			.maxConnectionIdle(settings.idleTimeout.toNanos(), TimeUnit.NANOSECONDS)
			.executor(this.executor)
			.maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
			.maxInboundMessageSize(settings.maxInboundMessageSize)
			.permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
			.permitKeepAliveWithoutCalls(true)
			.addTransportFilter(connections)
			.addStreamTracerFactory(this.openCalls)
			.intercept(new InstanceName())
			.addService(this.health.getHealthService())
			.addService(ProtoReflectionServiceV1.newInstance())
			.addService(ProtoReflectionService.newInstance());
		for (ServerServiceDefinition service : services) {
			builder.addService(service);
			if (!hasPing(service)) {
				this.health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.SERVING);
			}
		}
		try {
			return builder.build().start();
		}
		catch (IOException ex) {
			throw new ComponentServerException(Reason.OTHER, this.path,
					"Cannot listen on the socket '" + this.path + "': " + ex.getMessage(), ex);
		}
	}

	/**
	 * Whether callers can ask an instance itself whether it is well. The health service
	 * does not report such a service: the state of the server would hide the state of the
	 * instance.
	 */
	private static boolean hasPing(ServerServiceDefinition service) {
		return service.getMethods()
			.stream()
			.anyMatch((method) -> "Ping".equals(method.getMethodDescriptor().getBareMethodName()));
	}

	/**
	 * Create the builder of a server on a socket.
	 * @param socket path of the socket, at most 107 bytes long. A folder that does not
	 * exist is created and is open to the user of this process alone
	 * @return the builder
	 */
	public static Builder builder(Path socket) {
		return new Builder(socket);
	}

	/**
	 * Create the builder of a server on the socket {@code <name>.sock} in a folder. For
	 * hosts, the name is the implementation in the type of a component, such as
	 * {@code orders} in {@code state.orders}.
	 * @param folder the folder. A folder that does not exist is created and is open to
	 * the user of this process alone
	 * @param name the name: begins with a letter or digit and contains letters, digits,
	 * {@code .}, {@code _} and {@code -}
	 * @return the builder
	 * @throws IllegalArgumentException if the name has other characters
	 */
	public static Builder inFolder(Path folder, String name) {
		if (!Names.isName(name)) {
			throw new IllegalArgumentException("'" + name + "' cannot be the name of a socket: " + Names.RULE);
		}
		return new Builder(folder.resolve(name + ".sock"));
	}

	/**
	 * Whether a text can be the name in {@link #inFolder}.
	 * @param text the text
	 * @return {@code true} if so
	 */
	public static boolean isName(String text) {
		return Names.isName(text);
	}

	/**
	 * The folder in which hosts look for sockets, according to the environment of this
	 * process.
	 * @return the folder
	 * @see SocketPaths#defaultFolder
	 */
	public static Path defaultFolder() {
		return SocketPaths.defaultFolder(System::getenv);
	}

	/**
	 * Path of the socket.
	 * @return the absolute path
	 */
	public Path socket() {
		return this.path;
	}

	/**
	 * The transport of the socket.
	 * @return the type, never {@link TransportType#AUTO}
	 */
	public TransportType transport() {
		return this.transport.type();
	}

	/**
	 * The initialised instances.
	 * @return a snapshot of their component names by the names of the kinds, in the order
	 * of the builder; an instance without a name has the empty name
	 */
	public Map<String, Set<String>> instances() {
		Map<String, Set<String>> names = new LinkedHashMap<>();
		this.instances.forEach((kind, instances) -> names.put(kind, instances.names()));
		return Collections.unmodifiableMap(names);
	}

	/**
	 * Whether callers can find the server. They cannot if another server has replaced the
	 * socket. They cannot for about a second if somebody has deleted the socket: then the
	 * server makes the socket again and logs a warning.
	 * @return {@code true} if the file of the socket belongs to this server
	 */
	public boolean isReachable() {
		return !this.closed.get() && this.sockets.isPublished();
	}

	/**
	 * Wait until {@link #close()} has ended.
	 * @throws InterruptedException if the waiting thread is interrupted
	 */
	public void awaitTermination() throws InterruptedException {
		this.terminated.await();
	}

	/**
	 * Close the server. The health service reports the end, and the socket is deleted
	 * unless another server has replaced it. Instances that are {@link Draining} are
	 * drained, and calls have the shutdown timeout to end. Subscriptions are cancelled as
	 * soon as no other call is left. Then the server closes the instances of all
	 * factories. Returns when all of this is done, also if another call of this method
	 * came first.
	 */
	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			// An instance that closes the server in its own close() must not wait for
			// itself.
			if (Thread.currentThread() != this.closing) {
				awaitClosed();
			}
			return;
		}
		this.closing = Thread.currentThread();
		try {
			this.health.enterTerminalState();
			List<Server> servers = this.sockets.close();
			CompletableFuture<?> drained = CompletableFuture.allOf(this.owner.drain(this.shutdownTimeout),
					this.borrower.drain(this.shutdownTimeout));
			this.shutdown.drain(servers, this.openCalls, drained, this.shutdownTimeout);
			this.shutdown.endConnections(servers);
			this.shutdown.endThreads();
			this.instances.values().forEach(Instances::close);
			removeExitHook();
			logger.info("No longer serving on {}", this.path);
		}
		finally {
			this.terminated.countDown();
		}
	}

	private void awaitClosed() {
		try {
			this.terminated.await(this.shutdownTimeout.plus(AWAIT_CLOSED).toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void addExitHook() {
		if (this.exitHook != null) {
			try {
				Runtime.getRuntime().addShutdownHook(this.exitHook);
			}
			catch (IllegalStateException ex) {
				close();
				throw ex;
			}
		}
	}

	private void removeExitHook() {
		if (this.exitHook != null) {
			try {
				Runtime.getRuntime().removeShutdownHook(this.exitHook);
			}
			catch (IllegalStateException ex) {
				logger.trace("The hook is running", ex);
			}
		}
	}

	/**
	 * A kind with the factory of its instances.
	 */
	private record ServedKind<T>(ComponentKind<T> kind, @Nullable ComponentFactory<? extends T> factory,
			@Nullable T instance) {

		boolean owned() {
			return this.factory != null;
		}

		List<ServerServiceDefinition> serve(InstanceOwner owner, Map<String, Map<String, String>> known,
				BiConsumer<String, Instances<?>> created) {
			Instances<T> instances = (this.factory != null) ? Instances.of(this.kind, this.factory, known, owner)
					: Instances.shared(this.kind, Objects.requireNonNull(this.instance), owner);
			created.accept(this.kind.name(), instances);
			return this.kind.serve(instances);
		}

	}

	/**
	 * Settings of a server. Not safe for use by many threads.
	 *
	 * @since 0.1.0
	 */
	public static final class Builder {

		private static final int DEFAULT_MAX_INBOUND_MESSAGE_SIZE = 4 * 1024 * 1024;

		private static final int DEFAULT_THREADS = 64;

		private static final int DEFAULT_MAX_CONNECTIONS = 1000;

		private final Path socket;

		private final Map<String, ServedKind<?>> kinds = new LinkedHashMap<>();

		private final Map<String, Map<String, String>> instances = new LinkedHashMap<>();

		private final List<ServerInterceptor> interceptors = new ArrayList<>();

		private Set<PosixFilePermission> permissions = EnumSet.of(PosixFilePermission.OWNER_READ,
				PosixFilePermission.OWNER_WRITE);

		private TransportType transport = TransportType.AUTO;

		private int maxInboundMessageSize = DEFAULT_MAX_INBOUND_MESSAGE_SIZE;

		private int threads = DEFAULT_THREADS;

		private Duration shutdownTimeout = Duration.ofSeconds(10);

		private boolean closeOnExit;

		private boolean allowUntrustedFolder;

		private int maxConnections = DEFAULT_MAX_CONNECTIONS;

		private Duration idleTimeout = Duration.ofMinutes(10);

		private Builder(Path socket) {
			this.socket = socket.toAbsolutePath().normalize();
		}

		/**
		 * Serve a kind. A server needs at least one kind.
		 * @param <T> the kind's interface
		 * @param kind the kind
		 * @param factory creates an instance for each component; many threads may call
		 * the factory at once, but not for the same component
		 * @return this builder
		 * @throws IllegalArgumentException if the kind is served already
		 */
		public <T> Builder serve(ComponentKind<T> kind, ComponentFactory<? extends T> factory) {
			Objects.requireNonNull(factory, "'factory' must not be null");
			return add(new ServedKind<>(kind, factory, null));
		}

		/**
		 * Serve a kind with one object for all components, regardless of their names and
		 * metadata. The object answers hosts that do not call {@code Init}, too. The
		 * object belongs to the caller: the server does not close it.
		 * @param <T> the kind's interface
		 * @param kind the kind
		 * @param instance the object
		 * @return this builder
		 * @throws IllegalArgumentException if the kind is served already
		 */
		public <T> Builder serveInstance(ComponentKind<T> kind, T instance) {
			Objects.requireNonNull(instance, "'instance' must not be null");
			return add(new ServedKind<>(kind, null, instance));
		}

		/**
		 * Set the metadata of an instance that a factory creates if a host calls the
		 * instance without {@code Init}. Some hosts, such as Dapr, do not repeat
		 * {@code Init} after a restart of this process. A host that sends no component
		 * names, such as Layotto, receives the only instance that this method names. By
		 * default, a call before {@code Init} fails with {@code FAILED_PRECONDITION}.
		 * @param name name of the component that the host sends
		 * @param metadata metadata of the component
		 * @return this builder
		 */
		public Builder instance(String name, Map<String, String> metadata) {
			this.instances.put(name, Map.copyOf(metadata));
			return this;
		}

		private <T> Builder add(ServedKind<T> served) {
			ComponentKind<T> kind = served.kind();
			if (this.kinds.putIfAbsent(kind.name(), served) != null) {
				throw new IllegalArgumentException("The kind '" + kind.name()
						+ "' is served on this socket already; serve it on a socket of its own");
			}
			return this;
		}

		/**
		 * Intercept the calls of the kinds' services, but not those of reflection and
		 * health. An interceptor is called before the interceptors that are added later.
		 * @param interceptor the interceptor
		 * @return this builder
		 */
		public Builder intercept(ServerInterceptor interceptor) {
			this.interceptors.add(Objects.requireNonNull(interceptor, "'interceptor' must not be null"));
			return this;
		}

		/**
		 * Set the permissions of the socket. A client can connect if its user may write
		 * to the socket and enter its folder. The default is {@code rw-------}: the user
		 * of this process alone.
		 * @param permissions the permissions of the socket
		 * @return this builder
		 */
		public Builder permissions(Set<PosixFilePermission> permissions) {
			this.permissions = Set.copyOf(permissions);
			return this;
		}

		/**
		 * Set the transport of the socket. The default is {@link TransportType#AUTO}.
		 * @param transport the type
		 * @return this builder
		 */
		public Builder transport(TransportType transport) {
			this.transport = Objects.requireNonNull(transport, "'transport' must not be null");
			return this;
		}

		/**
		 * Set the size of the largest accepted request. The default is 4 MiB.
		 * @param bytes the size in bytes, at least 1
		 * @return this builder
		 */
		public Builder maxInboundMessageSize(int bytes) {
			this.maxInboundMessageSize = positive("maxInboundMessageSize", bytes);
			return this;
		}

		/**
		 * Set how many clients may be connected at once. Further connections are closed.
		 * The default is 1,000.
		 * @param connections number of connections, at least 1
		 * @return this builder
		 */
		public Builder maxConnections(int connections) {
			this.maxConnections = positive("maxConnections", connections);
			return this;
		}

		/**
		 * Set how long a connection may be without a call before the server ends it. A
		 * client then connects again for its next call. The default is 10 minutes.
		 * @param timeout the time, at least a second
		 * @return this builder
		 */
		public Builder idleTimeout(Duration timeout) {
			if (timeout.compareTo(Duration.ofSeconds(1)) < 0) {
				throw new IllegalArgumentException("'idleTimeout' must be at least a second: " + timeout);
			}
			this.idleTimeout = timeout;
			return this;
		}

		/**
		 * Set how many calls run at once. Further calls wait. Threads are created when
		 * they are needed and end after 10 idle seconds. The default is 64.
		 * @param threads number of threads, at least 1
		 * @return this builder
		 */
		public Builder threads(int threads) {
			this.threads = positive("threads", threads);
			return this;
		}

		/**
		 * Set how long {@link ComponentServer#close()} waits for calls to end. The
		 * default is 10 seconds.
		 * @param timeout the time; zero for no wait
		 * @return this builder
		 */
		public Builder shutdownTimeout(Duration timeout) {
			if (timeout.isNegative()) {
				throw new IllegalArgumentException("'shutdownTimeout' must not be negative: " + timeout);
			}
			this.shutdownTimeout = timeout;
			return this;
		}

		/**
		 * Use the folder of the socket even if other users can change the folder, and log
		 * a warning. By default, the server does not start in such a folder: other users
		 * could replace the socket by their own.
		 * @return this builder
		 */
		public Builder allowUntrustedFolder() {
			this.allowUntrustedFolder = true;
			return this;
		}

		/**
		 * Close the server when the JVM ends, such as on {@code SIGTERM}. By default, the
		 * caller closes the server.
		 * @return this builder
		 */
		public Builder closeOnExit() {
			this.closeOnExit = true;
			return this;
		}

		/**
		 * Start the server. The socket appears when this method returns, and not before.
		 * The server replaces a socket without a listener.
		 * @return the server, which the caller closes
		 * @throws ComponentServerException if the server cannot use the socket
		 * @throws TransportUnavailableException if the transport does not work on this
		 * machine
		 * @throws IllegalStateException if no kind was added, or the JVM is ending
		 * @throws IllegalArgumentException if two kinds have a gRPC service in common, or
		 * a kind has no service side
		 */
		public ComponentServer start() {
			if (this.kinds.isEmpty()) {
				throw new IllegalStateException("There is nothing to serve: call 'serve' before 'start'");
			}
			ComponentServer server = new ComponentServer(this);
			server.open(this.kinds.keySet());
			return server;
		}

		private static int positive(String name, int value) {
			if (value < 1) {
				throw new IllegalArgumentException("'" + name + "' must be at least 1: " + value);
			}
			return value;
		}

	}

}
