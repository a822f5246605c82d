package dev.pluggable.internal.broker;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.ComponentClient;
import dev.pluggable.internal.process.PluginAddress;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.internal.support.StatusMask;
import dev.pluggable.internal.transport.CallNames;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.transport.SocketPaths;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's side of the broker of one process. The side that serves a connection listens
 * on a socket of its own and announces the socket on the {@link GrpcBrokerStream}. The
 * folder of the host's sockets must be private, as it decides who may connect to them.
 */
public final class GrpcBroker implements PluginBroker, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(GrpcBroker.class);

	/**
	 * The limit of connections in each direction. It protects the host from a plugin that
	 * asks for connections without end.
	 */
	static final int MAX_CONNECTIONS = 1000;

	private static final int MAX_CALLS_PER_CONNECTION = 1000;

	private static final long KEEP_ALIVE_SECONDS = 1;

	private static final Comparator<BrokeredConnection> BY_NUMBER = (left, right) -> Integer.compareUnsigned(left.id(),
			right.id());

	private final String plugin;

	private final Transport transport;

	private final Path folder;

	private final @Nullable SslContext clientTls;

	private final @Nullable SslContext serverTls;

	private final PeerPolicy peers;

	private final Executor handlers;

	private final ScheduledExecutorService scheduler;

	private final int maxMessageSize;

	private final BrokerCustomizers customizers;

	private final SecretMask secrets;

	private final AtomicInteger lastNumber;

	/** The attributes of the calls that the plugin makes. */
	private final Attributes caller;

	private final Announcements announcements;

	private final ServerPool servers;

	private final GrpcBrokerStream stream;

	/**
	 * Guards the connections and the end of the broker.
	 */
	private final ReentrantLock lock = new ReentrantLock();

	private final Set<ServedConnection> served = new HashSet<>();

	private final Set<DialedConnection> dialed = new HashSet<>();

	/**
	 * The purposes of the numbers that the plugin has demanded, which are never served to
	 * another process, by number.
	 */
	private final Map<Integer, String> demanded = new HashMap<>();

	private @Nullable String ended;

	/**
	 * The broker of the process that has replaced this one.
	 */
	private @Nullable GrpcBroker successor;

	/**
	 * Open the broker of a process that replaces no other one.
	 */
	public GrpcBroker(String plugin, Channel control, Transport transport, Path folder, @Nullable SslContext clientTls,
			@Nullable SslContext serverTls, PeerPolicy peers, ScheduledExecutorService scheduler, Executor handlers,
			int maxMessageSize, BrokerCustomizers customizers, SecretMask secrets) {
		this(plugin, control, transport, folder, clientTls, serverTls, peers, scheduler, handlers, maxMessageSize,
				customizers, secrets, new AtomicInteger());
	}

	/**
	 * Open the broker of a process.
	 * @param plugin name of the plugin, for messages
	 * @param control the main connection to the process
	 * @param transport makes connections and servers
	 * @param folder the folder of the host's sockets: private to the host's user, and
	 * short
	 * @param clientTls encrypts dialled connections, {@code null} for plain text
	 * @param serverTls encrypts served connections, {@code null} for plain text
	 * @param peers decides which processes the host may dial
	 * @param scheduler runs short tasks after a delay
	 * @param handlers runs the services of the host
	 * @param maxMessageSize largest message that the host receives on a brokered
	 * connection, in bytes
	 * @param customizers change the connections in both directions
	 * @param secrets hides the secrets that the process knows
	 * @param lastNumber counts the connections that the host serves, over all processes
	 * of the plugin
	 */
	public GrpcBroker(String plugin, Channel control, Transport transport, Path folder, @Nullable SslContext clientTls,
			@Nullable SslContext serverTls, PeerPolicy peers, ScheduledExecutorService scheduler, Executor handlers,
			int maxMessageSize, BrokerCustomizers customizers, SecretMask secrets, AtomicInteger lastNumber) {
		this.customizers = customizers;
		this.secrets = secrets;
		this.lastNumber = lastNumber;
		this.plugin = plugin;
		this.caller = Attributes.newBuilder()
			.set(KEY, this)
			.set(HostServices.KEY, customizers.services())
			.set(PLUGIN, plugin)
			.build();
		this.transport = transport;
		this.folder = folder;
		this.clientTls = clientTls;
		this.serverTls = serverTls;
		this.peers = peers;
		this.handlers = handlers;
		this.scheduler = scheduler;
		this.maxMessageSize = maxMessageSize;
		this.announcements = new Announcements(plugin, scheduler);
		this.servers = new ServerPool(this::listen, handlers);
		this.stream = new GrpcBrokerStream(plugin, control, new StreamListener());
	}

	@Override
	public BrokeredServer serve(String name, List<ServerServiceDefinition> services) {
		return serve(name, CustomizedServices.of(services, this.customizers.services()));
	}

	@Override
	public BrokeredServer serve(String name, int id, List<ServerServiceDefinition> services) {
		return serve(name, id, CustomizedServices.of(services, this.customizers.services()));
	}

	@Override
	public BrokeredServer proxy(String name, Channel target) {
		return proxy(name, target, CallOptions.DEFAULT.withOption(ComponentClient.NO_WAIT, Boolean.TRUE));
	}

	@Override
	public BrokeredServer proxy(String name, ComponentClient target) {
		return proxy(name, target.channel(), CallOptions.DEFAULT);
	}

	@Override
	public BrokeredServer proxy(String name, int id, ComponentClient target) {
		return serve(name, id, forwarded(target.channel(), CallOptions.DEFAULT));
	}

	private BrokeredServer proxy(String name, Channel target, CallOptions options) {
		return serve(name, forwarded(target, options));
	}

	private HandlerRegistry forwarded(Channel target, CallOptions options) {
		CallProxy proxy = new CallProxy(target, options.withMaxInboundMessageSize(this.maxMessageSize));
		return CustomizedServices.of(proxy, this.customizers.services());
	}

	/**
	 * Serve a number that the plugin demands. The number belongs to this process alone.
	 */
	private BrokeredServer serve(String name, int number, HandlerRegistry services) {
		if (number == 0) {
			throw new IllegalArgumentException("0 cannot be the id of a connection, because 0 stands for none");
		}
		this.lock.lock();
		try {
			checkOpen();
			checkServed();
			String other = this.demanded.putIfAbsent(number, name);
			if (other == null) {
				other = this.served.stream()
					.filter((connection) -> connection.id() == number)
					.map((connection) -> connection.describe().name())
					.findFirst()
					.orElse(null);
				if (other != null) {
					this.demanded.remove(number);
				}
			}
			if (other != null) {
				throw new PluginException("The host cannot serve connection " + Integer.toUnsignedString(number) + " ("
						+ name + ") to plugin '" + this.plugin + "', because the number is taken by '" + other
						+ "'; close that one before, or demand another number");
			}
		}
		finally {
			this.lock.unlock();
		}
		ServedConnection connection = null;
		try {
			// The socket of an earlier server with this number may end at any moment, and
			// deletes its file then.
			connection = serve(name, listen(number, socket("d", this.lastNumber.incrementAndGet())), services);
		}
		finally {
			if (connection == null) {
				this.lock.lock();
				try {
					this.demanded.remove(number);
				}
				finally {
					this.lock.unlock();
				}
			}
		}
		if (connection == null) {
			throw closed();
		}
		return connection;
	}

	private BrokeredServer serve(String name, HandlerRegistry services) {
		GrpcBroker successor;
		this.lock.lock();
		try {
			successor = (this.ended != null) ? this.successor : null;
			if (successor == null) {
				checkOpen();
				checkServed();
			}
		}
		finally {
			this.lock.unlock();
		}
		if (successor != null) {
			return successor.serve(name, services);
		}
		ServedConnection connection = serve(name, this.servers.take(), services);
		successor = successor();
		if (connection != null) {
			if (successor != null) {
				connection.handOver(successor);
			}
			return connection;
		}
		if (successor != null) {
			return successor.serve(name, services);
		}
		throw closed();
	}

	/**
	 * Serve services and announce the server.
	 * @return the connection, {@code null} if the broker has ended
	 */
	private @Nullable ServedConnection serve(String name, ListeningServer server, HandlerRegistry services) {
		server.serve(name, services);
		ServedConnection connection = new ServedConnection(name, server, services, this::forget);
		boolean open;
		this.lock.lock();
		try {
			open = this.ended == null;
			if (open) {
				this.served.add(connection);
			}
		}
		finally {
			this.lock.unlock();
		}
		if (!open || !this.stream.announce(server.number(), server.socket())) {
			connection.end();
			return null;
		}
		return connection;
	}

	/**
	 * Serve the same number as the broker of the process before. A failure is a fault of
	 * the one call that passes the number.
	 * @return the connection, {@code null} if this broker cannot serve the number
	 */
	@Nullable ServedConnection adopt(String name, int number, HandlerRegistry services) {
		GrpcBroker successor = successor();
		if (successor != null) {
			return successor.adopt(name, number, services);
		}
		try {
			this.lock.lock();
			try {
				checkOpen();
				checkServed();
			}
			finally {
				this.lock.unlock();
			}
			return serve(name, listen(number), services);
		}
		catch (PluginException ex) {
			logger.debug("Connection {} of the process before cannot be served again", Integer.toUnsignedString(number),
					ex);
			return null;
		}
	}

	/**
	 * Take the place of the broker of another process. Numbers that the other process has
	 * not used yet are valid in this process, too, because calls that pass them arrive
	 * here from now on. Does not block.
	 * @param previous the broker of the process that is replaced
	 */
	public void replace(GrpcBroker previous) {
		previous.lock.lock();
		try {
			previous.successor = this;
		}
		finally {
			previous.lock.unlock();
		}
		List<ServedConnection> served = previous.currentlyServed()
			.stream()
			.filter((connection) -> !previous.isDemanded(connection))
			.toList();
		try {
			this.handlers.execute(() -> served.forEach((connection) -> connection.handOver(this)));
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The host has closed", ex);
		}
	}

	private boolean isDemanded(ServedConnection connection) {
		this.lock.lock();
		try {
			return this.demanded.containsKey(connection.id());
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Never serve a number to the process that replaces this one, because only this
	 * process knows the number.
	 * @param server a server of this broker; if this process has ended, the server closes
	 */
	public void stays(BrokeredServer server) {
		boolean own;
		this.lock.lock();
		try {
			own = this.served.contains(server);
		}
		finally {
			this.lock.unlock();
		}
		if (own && server instanceof ServedConnection connection) {
			connection.stay();
		}
		else {
			server.close();
		}
	}

	/**
	 * Return the executor that runs the services of the host.
	 */
	public Executor handlers() {
		return this.handlers;
	}

	/**
	 * Return the scheduler of short tasks.
	 */
	public ScheduledExecutorService scheduler() {
		return this.scheduler;
	}

	private @Nullable GrpcBroker successor() {
		this.lock.lock();
		try {
			return this.successor;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Let a server listen on the next socket.
	 * @throws PluginException if the server cannot listen
	 */
	private ListeningServer listen() {
		return listen(this.lastNumber.incrementAndGet());
	}

	private ListeningServer listen(int number) {
		return listen(number, socket("b", number));
	}

	private ListeningServer listen(int number, Path socket) {
		NettyServerBuilder builder = this.transport.connectionServer(socket)
			.executor(this.handlers)
			.maxInboundMessageSize(this.maxMessageSize)
			.maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
			.permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
			.permitKeepAliveWithoutCalls(true);
		if (this.serverTls != null) {
			builder.sslContext(this.serverTls);
		}
		try {
			return new ListeningServer(this.caller, number, socket, builder, this.handlers);
		}
		catch (IOException ex) {
			// The process may just have ended, and its end deletes the folder.
			throw new PluginException("The host cannot serve plugin '" + this.plugin + "' on the socket '" + socket
					+ "': " + ex.getMessage(), ex);
		}
	}

	private Path socket(String prefix, int number) {
		Path socket = this.folder.resolve(prefix + Integer.toUnsignedString(number));
		if (!SocketPaths.fits(socket)) {
			throw new PluginException("The host cannot serve plugin '" + this.plugin + "': the path '" + socket
					+ "' of the socket has " + SocketPaths.length(socket) + " bytes, and " + SocketPaths.MAX_BYTES
					+ " are possible; use a shorter folder for temporary files");
		}
		return socket;
	}

	@Override
	public CompletionStage<ManagedChannel> dial(String name, int id) {
		CompletableFuture<ManagedChannel> result = new CompletableFuture<>();
		try {
			CompletableFuture<Announcement> expected = expect(name, id);
			result.whenComplete((channel, failure) -> expected.cancel(false));
			expected.whenComplete((announcement, failure) -> {
				if (failure != null) {
					result.completeExceptionally(failure);
				}
				else {
					connect(name, announcement, result);
				}
			});
		}
		catch (PluginException ex) {
			result.completeExceptionally(ex);
		}
		return result;
	}

	private CompletableFuture<Announcement> expect(String name, int number) {
		if (number == 0) {
			throw new PluginException("Plugin '" + this.plugin + "' gave 0 as the number of " + name
					+ ", which stands for no connection; the plugin must give the number that its broker serves");
		}
		this.lock.lock();
		try {
			checkOpen();
			// A channel that was shut down ends with its last call.
			this.dialed.removeIf(DialedConnection::isTerminated);
			if (this.dialed.size() + this.announcements.waiting() >= MAX_CONNECTIONS) {
				throw tooMany("has dialled %d connections of plugin '%s'");
			}
			return this.announcements.expect(name, number);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void connect(String name, Announcement announcement, CompletableFuture<ManagedChannel> result) {
		DialedConnection connection;
		try {
			SocketAddress address = PluginAddress.parse(announcement.network(), announcement.address());
			connection = new DialedConnection(this.plugin, announcement.number(), name, (listener) -> this.transport
				.connect(address, this.clientTls, this.peers, listener, new StatusMask(this.secrets), (builder) -> {
					builder.maxInboundMessageSize(this.maxMessageSize);
					this.customizers.channels().customize(this.plugin, builder);
					builder.intercept(new CallNames(this.plugin, name));
				}), this::forget);
		}
		catch (IllegalArgumentException ex) {
			result.completeExceptionally(new PluginException("Plugin '" + this.plugin + "' announced connection "
					+ Integer.toUnsignedString(announcement.number()) + " (" + name
					+ ") at an address that the host cannot use: "
					+ this.secrets.mask(String.valueOf(ex.getMessage()))));
			return;
		}
		catch (RuntimeException ex) {
			// The transport may have closed. Whoever dials waits for an outcome.
			result.completeExceptionally(ex);
			return;
		}
		if (!register(connection) || !result.complete(connection)) {
			connection.shutdownNow();
			result.completeExceptionally(closed());
		}
	}

	private boolean register(DialedConnection connection) {
		this.lock.lock();
		try {
			return this.ended == null && this.dialed.add(connection);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void forget(ServedConnection connection) {
		this.lock.lock();
		try {
			if (this.served.remove(connection)) {
				this.demanded.remove(connection.id());
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private void forget(DialedConnection connection) {
		this.lock.lock();
		try {
			this.dialed.remove(connection);
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public List<BrokeredConnection> served() {
		return currentlyServed().stream().map(ServedConnection::describe).sorted(BY_NUMBER).toList();
	}

	private List<ServedConnection> currentlyServed() {
		this.lock.lock();
		try {
			return List.copyOf(this.served);
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public List<BrokeredConnection> dialed() {
		return currentlyDialed().stream()
			.filter((connection) -> !connection.ended())
			.map(DialedConnection::describe)
			.sorted(BY_NUMBER)
			.toList();
	}

	private List<DialedConnection> currentlyDialed() {
		this.lock.lock();
		try {
			return List.copyOf(this.dialed);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Whether the broker has ended, because its process has. May be called from any
	 * thread.
	 */
	public boolean hasEnded() {
		this.lock.lock();
		try {
			return this.ended != null;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void checkOpen() {
		if (this.ended != null) {
			throw closed();
		}
	}

	private void checkServed() {
		if (this.served.size() >= MAX_CONNECTIONS) {
			throw tooMany("serves %d connections to plugin '%s'");
		}
	}

	private PluginException closed() {
		String reason;
		this.lock.lock();
		try {
			reason = this.ended;
		}
		finally {
			this.lock.unlock();
		}
		return new PluginException((reason != null) ? reason : "The broker of plugin '" + this.plugin + "' has ended");
	}

	private PluginException tooMany(String what) {
		return new PluginException("The host " + what.formatted(MAX_CONNECTIONS, this.plugin)
				+ " and cannot have more; close those that are not needed");
	}

	/**
	 * Refuse further connections. The first reason counts.
	 */
	private void end(String reason) {
		this.lock.lock();
		try {
			if (this.ended == null) {
				this.ended = reason;
			}
		}
		finally {
			this.lock.unlock();
		}
		this.announcements.end(reason);
		this.servers.close();
	}

	/**
	 * End all connections in both directions. Further calls do nothing. Does not block.
	 */
	@Override
	public void close() {
		end("The broker of plugin '" + this.plugin + "' is closed: its process has ended or is about to end");
		this.stream.close();
		currentlyServed().forEach(ServedConnection::end);
		currentlyDialed().forEach(DialedConnection::shutdownNow);
	}

	@Override
	public String toString() {
		return "broker of plugin '" + this.plugin + "'";
	}

	private final class StreamListener implements GrpcBrokerStream.Listener {

		@Override
		public void announced(Announcement announcement) {
			GrpcBroker.this.announcements.announced(announcement);
		}

		@Override
		public void ended(String reason) {
			logger.debug("{}", reason);
			end(reason);
		}

		@Override
		public void unsupported(String reason) {
			ended(reason);
			currentlyServed().forEach(ServedConnection::end);
		}

	}

}
