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
 * Serves components to other processes over a Unix domain socket. Besides the services of
 * its kinds it offers reflection ({@code grpc.reflection.v1} and {@code v1alpha}), by
 * which hosts find out what it serves, and {@code grpc.health.v1}.
 *
 * <pre>{@code
 * ComponentServer server = ComponentServer.inFolder(ComponentServer.defaultFolder(), "orders")
 *     .serve(StateStoreKind.INSTANCE, (name, metadata) -> new OrderStore(metadata))
 *     .closeOnExit()
 *     .start();
 * server.awaitTermination();
 * }</pre>
 * <p>
 * For each kind there is one instance for each component name that callers send (header
 * {@code x-component-instance}), made by the factory when {@code Init} is called for it
 * and closed, if it is {@link AutoCloseable}, when {@code Init} comes with other metadata
 * or the server is closed. A factory may return one object many times; it is closed when
 * the last use of it ends. An object that somebody else owns is served as it is
 * ({@link Builder#serveInstance}).
 * <p>
 * All threads are daemon threads: a {@code main} method has to wait. Safe for use by many
 * threads.
 *
 * @since 0.1.0
 */
public final class ComponentServer implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(ComponentServer.class);

	private static final int MAX_CALLS_PER_CONNECTION = 1000;

	private static final long IDLE_THREAD_SECONDS = 10;

	/**
	 * How often a client may send a keepalive ping; more costs it the connection.
	 */
	private static final long KEEP_ALIVE_SECONDS = 1;

	private static final long DRAIN_CHECK_MILLIS = 50;

	/**
	 * How long a shutdown waits for calls that may be on their way, where connections
	 * stay open because of subscriptions, which end by force only.
	 */
	private static final Duration QUIET = Duration.ofMillis(500);

	private static final long FORCE_SECONDS = 1;

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

	private final PrivateSocket socket;

	private final Server server;

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
		PrivateSocket prepared = null;
		Server started = null;
		try {
			prepared = PrivateSocket.prepare(this.path);
			started = start(prepared, services, builder.maxInboundMessageSize);
			prepared.publish(builder.permissions);
		}
		catch (RuntimeException | Error ex) {
			abandon(prepared, started);
			throw ex;
		}
		this.socket = prepared;
		this.server = started;
		this.exitHook = builder.closeOnExit ? new Thread(this::close, "pluggable-server-exit") : null;
		logger.info("Serving {} on {} ({})", builder.kinds.keySet(), this.path, this.transport.type());
	}

	private List<ServerServiceDefinition> services(Builder builder) {
		Map<String, ServerServiceDefinition> services = new LinkedHashMap<>();
		for (ServedKind<?> kind : builder.kinds.values()) {
			for (ServerServiceDefinition service : kind.serve(kind.owned() ? this.owner : this.borrower,
					this.instances::put)) {
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

	// Hosts of today ask for v1alpha only.
	@SuppressWarnings("deprecation")
	private Server start(PrivateSocket socket, List<ServerServiceDefinition> services, int maxInboundMessageSize) {
		NettyServerBuilder builder = this.transport.server(socket.bindPath())
			.executor(this.executor)
			.maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
			.maxInboundMessageSize(maxInboundMessageSize)
			.permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
			.permitKeepAliveWithoutCalls(true)
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
	 * Whether callers can ask an instance itself how it is. Of such a service we say
	 * nothing, so that they do: that the server runs would hide that the instance is not
	 * well.
	 */
	private static boolean hasPing(ServerServiceDefinition service) {
		return service.getMethods()
			.stream()
			.anyMatch((method) -> "Ping".equals(method.getMethodDescriptor().getBareMethodName()));
	}

	private void abandon(@Nullable PrivateSocket socket, @Nullable Server server) {
		if (socket != null) {
			socket.delete();
		}
		if (server != null) {
			end(server);
		}
		this.transport.close();
		this.executor.shutdown();
	}

	/**
	 * Begin a server on a socket.
	 * @param socket path of the socket: at most 107 bytes; its folder is made, open to
	 * our user only, if it does not exist
	 * @return the builder
	 */
	public static Builder builder(Path socket) {
		return new Builder(socket);
	}

	/**
	 * Begin a server on the socket {@code <name>.sock} in a folder. To hosts, the name is
	 * the implementation in the component's type, such as {@code orders} in
	 * {@code state.orders}.
	 * @param folder the folder; it is made, open to our user only, if it does not exist
	 * @param name the name: letters, digits, {@code .}, {@code _} and {@code -}; begins
	 * with a letter or digit
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
	 * Whether a text can be the name of a socket.
	 * @param text the text
	 * @return whether it can
	 */
	public static boolean isName(String text) {
		return Names.isName(text);
	}

	/**
	 * The folder in which hosts look for sockets, as the environment of this process
	 * says.
	 * @return the folder
	 * @see SocketPaths#defaultFolder(Function)
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
	 * How the socket is spoken to.
	 * @return the type of the transport
	 */
	public TransportType transport() {
		return this.transport.type();
	}

	/**
	 * What is served at this moment.
	 * @return for the name of each kind, in the order of the builder, the names of the
	 * components that have been initialised; one that callers did not name is the empty
	 * name
	 */
	public Map<String, Set<String>> instances() {
		Map<String, Set<String>> names = new LinkedHashMap<>();
		this.instances.forEach((kind, instances) -> names.put(kind, instances.names()));
		return Collections.unmodifiableMap(names);
	}

	/**
	 * Whether the file of the socket is there and ours, so that callers find us. It may
	 * have been deleted, or another server may have replaced it.
	 * @return whether callers can connect
	 */
	public boolean isReachable() {
		return !this.closed.get() && this.socket.isPublished();
	}

	/**
	 * Wait until the server has been closed.
	 * @throws InterruptedException if the waiting thread is interrupted
	 */
	public void awaitTermination() throws InterruptedException {
		this.terminated.await();
	}

	/**
	 * Stop serving: health says so, the socket is deleted unless another server has
	 * replaced it, instances that are {@link Draining} are drained, and calls get the
	 * shutdown timeout to end. Subscriptions that do not end by that are cancelled as
	 * soon as no other call is left. All instances that a factory made are closed then.
	 * Returns when all of this is done, also if another call of this method came first.
	 */
	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			awaitClosed();
			return;
		}
		try {
			this.health.enterTerminalState();
			this.socket.delete();
			drain();
			end(this.server);
			endThreads();
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

	private void drain() {
		long start = System.nanoTime();
		this.server.shutdown();
		CompletableFuture<?> drained = CompletableFuture.allOf(this.owner.drain(this.shutdownTimeout),
				this.borrower.drain(this.shutdownTimeout));
		long busy = start;
		try {
			while (!this.server.awaitTermination(DRAIN_CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
				long now = System.nanoTime();
				if (!this.openCalls.none() || !drained.isDone()) {
					busy = now;
				}
				if (now - busy >= QUIET.toNanos()) {
					break;
				}
				if (now - start >= this.shutdownTimeout.toNanos()) {
					logger.warn("Cancelling the calls on {} that are still open after {}", this.path,
							this.shutdownTimeout);
					break;
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * To callers, a connection that ends is a server that is not there; a call that the
	 * server ends by force would be one that somebody cancelled. So connections first.
	 */
	private void end(Server server) {
		server.shutdown();
		this.transport.close();
		try {
			server.shutdownNow().awaitTermination(FORCE_SECONDS, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * What is left to run are the ends of calls, and handlers that do not notice that
	 * their call was cancelled: those are interrupted.
	 */
	private void endThreads() {
		this.executor.shutdown();
		try {
			if (!this.executor.awaitTermination(FORCE_SECONDS, TimeUnit.SECONDS)) {
				this.executor.shutdownNow();
				if (!this.executor.awaitTermination(FORCE_SECONDS, TimeUnit.SECONDS)) {
					logger.warn("{} calls on {} go on after they were cancelled and interrupted",
							this.executor.getActiveCount(), this.path);
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			this.executor.shutdownNow();
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
	 * A kind and who makes its instances.
	 */
	private record ServedKind<T>(ComponentKind<T> kind, ComponentFactory<? extends T> factory, boolean owned) {

		List<ServerServiceDefinition> serve(InstanceOwner owner, BiConsumer<String, Instances<?>> created) {
			Instances<T> instances = new Instances<>(this.kind.name(), this.factory, owner);
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

		private final Path socket;

		private final Map<String, ServedKind<?>> kinds = new LinkedHashMap<>();

		private final List<ServerInterceptor> interceptors = new ArrayList<>();

		private Set<PosixFilePermission> permissions = EnumSet.of(PosixFilePermission.OWNER_READ,
				PosixFilePermission.OWNER_WRITE);

		private TransportType transport = TransportType.AUTO;

		private int maxInboundMessageSize = DEFAULT_MAX_INBOUND_MESSAGE_SIZE;

		private int threads = DEFAULT_THREADS;

		private Duration shutdownTimeout = Duration.ofSeconds(10);

		private boolean closeOnExit;

		private Builder(Path socket) {
			this.socket = socket.toAbsolutePath().normalize();
		}

		/**
		 * Serve a kind. At least one is needed.
		 * @param <T> the kind's interface
		 * @param kind the kind
		 * @param factory makes an instance for each component; called by many threads at
		 * once, but not for one component
		 * @return this builder
		 * @throws IllegalArgumentException if the kind is served already
		 */
		public <T> Builder serve(ComponentKind<T> kind, ComponentFactory<? extends T> factory) {
			Objects.requireNonNull(factory, "'factory' must not be null");
			return add(new ServedKind<>(kind, factory, true));
		}

		/**
		 * Serve a kind with one object for all components, whatever their names and
		 * metadata. It is the caller's: the server does not close it.
		 * @param <T> the kind's interface
		 * @param kind the kind
		 * @param instance the object
		 * @return this builder
		 * @throws IllegalArgumentException if the kind is served already
		 */
		public <T> Builder serveInstance(ComponentKind<T> kind, T instance) {
			Objects.requireNonNull(instance, "'instance' must not be null");
			return add(new ServedKind<T>(kind, (name, metadata) -> instance, false));
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
		 * Have the calls of the kinds' services intercepted. Reflection and health, by
		 * which hosts find and watch the server, are not. An interceptor is called before
		 * those that are added after it.
		 * @param interceptor the interceptor
		 * @return this builder
		 */
		public Builder intercept(ServerInterceptor interceptor) {
			this.interceptors.add(Objects.requireNonNull(interceptor, "'interceptor' must not be null"));
			return this;
		}

		/**
		 * Who may connect: those with write permission on the socket who can also enter
		 * its folder. Our user only ({@code rw-------}) by default.
		 * @param permissions the permissions of the socket
		 * @return this builder
		 */
		public Builder permissions(Set<PosixFilePermission> permissions) {
			this.permissions = Set.copyOf(permissions);
			return this;
		}

		/**
		 * How to speak to the socket. The best that works here by default.
		 * @param transport the type
		 * @return this builder
		 */
		public Builder transport(TransportType transport) {
			this.transport = Objects.requireNonNull(transport, "'transport' must not be null");
			return this;
		}

		/**
		 * Largest request that is accepted. 4 MiB by default.
		 * @param bytes the size in bytes, at least 1
		 * @return this builder
		 */
		public Builder maxInboundMessageSize(int bytes) {
			this.maxInboundMessageSize = positive("maxInboundMessageSize", bytes);
			return this;
		}

		/**
		 * How many calls are worked on at once; others wait. Threads are made when needed
		 * and end when idle. 64 by default.
		 * @param threads number of threads, at least 1
		 * @return this builder
		 */
		public Builder threads(int threads) {
			this.threads = positive("threads", threads);
			return this;
		}

		/**
		 * How long {@link ComponentServer#close()} waits for calls to end. 10 seconds by
		 * default.
		 * @param timeout the time, zero not to wait
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
		 * Close the server when the JVM ends, such as on {@code SIGTERM}. Not so by
		 * default, as whoever embeds the server closes it.
		 * @return this builder
		 */
		public Builder closeOnExit() {
			this.closeOnExit = true;
			return this;
		}

		/**
		 * Start the server. When this method returns, and not before, the socket is there
		 * and calls are answered. A socket that nobody listens on any more is replaced.
		 * @return the server, to be closed by the caller
		 * @throws ComponentServerException if the socket cannot be used
		 * @throws TransportUnavailableException if the transport cannot be used here
		 * @throws IllegalStateException if there is no kind to serve, or the JVM is
		 * ending
		 * @throws IllegalArgumentException if two kinds have a gRPC service in common
		 */
		public ComponentServer start() {
			if (this.kinds.isEmpty()) {
				throw new IllegalStateException("There is nothing to serve: call 'serve' before 'start'");
			}
			ComponentServer server = new ComponentServer(this);
			server.addExitHook();
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
