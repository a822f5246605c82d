package dev.pluggable.internal.broker;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
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
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.internal.process.PluginAddress;
import dev.pluggable.internal.transport.ConnectionListener;
import dev.pluggable.internal.transport.PeerPolicy;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.proto.goplugin.GRPCBrokerGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.ConnInfo;
import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.SocketPaths;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's side of the broker of one process. Whoever serves listens on a socket of its
 * own, and announces it on a stream that is open for as long as the process lives. Who
 * may connect to what we serve is up to the folder of the sockets, which must be private.
 */
public final class GrpcBroker implements PluginBroker, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(GrpcBroker.class);

	/**
	 * How long one side waits for the announcement, and how long an announcement waits to
	 * be used.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(5);

	/**
	 * Larger than what gRPC takes by itself, so that what hands on messages of others is
	 * not what stops them.
	 */
	public static final int DEFAULT_MAX_MESSAGE_SIZE = 64 * 1024 * 1024;

	/**
	 * Limits for a plugin that announces or asks without end. In each direction there are
	 * never so many connections.
	 */
	static final int MAX_ANNOUNCED = 1000;

	static final int MAX_CONNECTIONS = 1000;

	private static final Set<PosixFilePermission> OWN_USER = PosixFilePermissions.fromString("rw-------");

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

	private final ScheduledExecutorService scheduler;

	private final Executor handlers;

	private final int maxMessageSize;

	private final AtomicInteger lastId = new AtomicInteger();

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<Integer, Announcement> announced = new HashMap<>();

	private final Map<Integer, Deque<Dial>> dials = new HashMap<>();

	private final Set<Served> served = new HashSet<>();

	private final Set<Dialed> dialed = new HashSet<>();

	private final ReentrantLock sendLock = new ReentrantLock();

	private final ClientCallStreamObserver<ConnInfo> stream;

	private int waiting;

	private boolean flooded;

	private @Nullable String ended;

	/**
	 * Open the broker of a process.
	 * @param plugin name of the plugin, for messages
	 * @param control the main connection to the process
	 * @param transport makes connections and servers
	 * @param folder where our sockets are: private to our user, and short
	 * @param clientTls encrypts what we dial, {@code null} for plain text
	 * @param serverTls encrypts what we serve, {@code null} for plain text
	 * @param peers who may be behind what we dial
	 * @param scheduler runs short tasks after a delay
	 * @param handlers runs what is served
	 * @param maxMessageSize largest message that is received on a brokered connection, in
	 * bytes
	 */
	public GrpcBroker(String plugin, Channel control, Transport transport, Path folder, @Nullable SslContext clientTls,
			@Nullable SslContext serverTls, PeerPolicy peers, ScheduledExecutorService scheduler, Executor handlers,
			int maxMessageSize) {
		this.plugin = plugin;
		this.transport = transport;
		this.folder = folder;
		this.clientTls = clientTls;
		this.serverTls = serverTls;
		this.peers = peers;
		this.scheduler = scheduler;
		this.handlers = handlers;
		this.maxMessageSize = maxMessageSize;
		this.stream = open(control, new Announcements());
	}

	/**
	 * The stream belongs to no call, under whose context we may be.
	 */
	private static ClientCallStreamObserver<ConnInfo> open(Channel control, StreamObserver<ConnInfo> announcements) {
		Context before = Context.ROOT.attach();
		try {
			return (ClientCallStreamObserver<ConnInfo>) GRPCBrokerGrpc.newStub(control).startStream(announcements);
		}
		finally {
			Context.ROOT.detach(before);
		}
	}

	@Override
	public BrokeredServer serve(String name, List<ServerServiceDefinition> services) {
		return serve(name, (builder) -> builder.addServices(services));
	}

	@Override
	public BrokeredServer proxy(String name, Channel target) {
		return proxy(name, target, CallOptions.DEFAULT.withOption(ComponentClient.NO_WAIT, Boolean.TRUE));
	}

	@Override
	public BrokeredServer proxy(String name, ComponentClient target) {
		return proxy(name, target.channel(), CallOptions.DEFAULT);
	}

	private BrokeredServer proxy(String name, Channel target, CallOptions options) {
		CallProxy proxy = new CallProxy(target, options.withMaxInboundMessageSize(this.maxMessageSize));
		return serve(name, (builder) -> builder.fallbackHandlerRegistry(proxy));
	}

	private BrokeredServer serve(String name, Consumer<NettyServerBuilder> content) {
		this.lock.lock();
		try {
			checkOpen();
			if (this.served.size() >= MAX_CONNECTIONS) {
				throw tooMany("served to");
			}
		}
		finally {
			this.lock.unlock();
		}
		int id = this.lastId.incrementAndGet();
		Path socket = this.folder.resolve("b" + Integer.toUnsignedString(id));
		if (!SocketPaths.fits(socket)) {
			throw new PluginException("Cannot serve " + name + " to plugin '" + this.plugin + "': the path '" + socket
					+ "' of the socket has " + SocketPaths.length(socket) + " bytes, and " + SocketPaths.MAX_BYTES
					+ " are possible; use a shorter folder for temporary files");
		}
		Served server = new Served(id, name, socket, start(name, socket, content));
		boolean open;
		this.lock.lock();
		try {
			open = this.ended == null;
			if (open) {
				this.served.add(server);
			}
		}
		finally {
			this.lock.unlock();
		}
		if (!open || !announce(id, socket)) {
			server.close();
			throw closed();
		}
		return server;
	}

	private Server start(String name, Path socket, Consumer<NettyServerBuilder> content) {
		NettyServerBuilder builder = this.transport.server(socket)
			.executor(this.handlers)
			.maxInboundMessageSize(this.maxMessageSize)
			.maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
			.permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
			.permitKeepAliveWithoutCalls(true);
		if (this.serverTls != null) {
			builder.sslContext(this.serverTls);
		}
		content.accept(builder);
		Server server = builder.build();
		try {
			server.start();
			Files.setPosixFilePermissions(socket, OWN_USER);
			return server;
		}
		catch (IOException ex) {
			// The folder may have gone with the process just now.
			server.shutdownNow();
			throw new PluginException("Cannot serve " + name + " to plugin '" + this.plugin + "' on the socket '"
					+ socket + "': " + ex.getMessage(), ex);
		}
	}

	private boolean announce(int id, Path socket) {
		ConnInfo info = ConnInfo.newBuilder().setServiceId(id).setNetwork("unix").setAddress(socket.toString()).build();
		this.sendLock.lock();
		try {
			this.stream.onNext(info);
			return true;
		}
		catch (IllegalStateException ex) {
			logger.debug("The broker of plugin '{}' has ended", this.plugin, ex);
			return false;
		}
		finally {
			this.sendLock.unlock();
		}
	}

	@Override
	public CompletionStage<ManagedChannel> dial(String name, int id) {
		Dial dial = new Dial(name, id);
		try {
			ConnInfo info = take(dial);
			if (info != null) {
				dial.connect(info);
			}
			else {
				dial.expireAfter(PATIENCE);
			}
		}
		catch (PluginException ex) {
			dial.fail(ex);
		}
		return dial.result;
	}

	/**
	 * Take what was announced, or begin to wait for it.
	 */
	private @Nullable ConnInfo take(Dial dial) {
		if (dial.id == 0) {
			throw new PluginException("Plugin '" + this.plugin + "' gave 0 as the number of " + dial.name
					+ ", which stands for no connection; it must give the number that its broker serves");
		}
		this.lock.lock();
		try {
			checkOpen();
			if (this.dialed.size() + this.waiting >= MAX_CONNECTIONS) {
				throw tooMany("dialled of");
			}
			Announcement announcement = this.announced.remove(dial.id);
			if (announcement != null) {
				announcement.expiry.cancel(false);
				return announcement.info;
			}
			this.dials.computeIfAbsent(dial.id, (id) -> new ArrayDeque<>()).add(dial);
			this.waiting++;
			return null;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * No longer wait.
	 * @return whether it did
	 */
	private boolean withdraw(Dial dial) {
		this.lock.lock();
		try {
			Deque<Dial> others = this.dials.get(dial.id);
			if (others == null || !others.remove(dial)) {
				return false;
			}
			this.waiting--;
			if (others.isEmpty()) {
				this.dials.remove(dial.id);
			}
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void announced(ConnInfo info) {
		if (info.getAddress().isEmpty()) {
			// Part of the multiplexed variant, which we never ask for.
			logger.debug("Plugin '{}' announces a connection without an address", this.plugin);
			return;
		}
		Dial dial = null;
		this.lock.lock();
		try {
			if (this.ended != null) {
				return;
			}
			Deque<Dial> others = this.dials.get(info.getServiceId());
			if (others != null) {
				dial = others.remove();
				this.waiting--;
				if (others.isEmpty()) {
					this.dials.remove(info.getServiceId());
				}
			}
			else {
				keep(info);
			}
		}
		finally {
			this.lock.unlock();
		}
		if (dial != null) {
			dial.connect(info);
		}
	}

	private void keep(ConnInfo info) {
		int id = info.getServiceId();
		if (this.announced.containsKey(id)) {
			logger.debug("Plugin '{}' announces connection {} again, before it was used", this.plugin, number(id));
			return;
		}
		if (this.announced.size() >= MAX_ANNOUNCED) {
			if (!this.flooded) {
				this.flooded = true;
				logger.warn("Plugin '{}' announces more connections than {}, which nobody has asked for; "
						+ "the others are dropped", this.plugin, MAX_ANNOUNCED);
			}
			return;
		}
		try {
			this.announced.put(id, new Announcement(info,
					this.scheduler.schedule(() -> expire(id, info), PATIENCE.toNanos(), TimeUnit.NANOSECONDS)));
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The host has closed", ex);
		}
	}

	private void expire(int id, ConnInfo info) {
		this.lock.lock();
		try {
			Announcement announcement = this.announced.get(id);
			if (announcement != null && announcement.info == info) {
				this.announced.remove(id);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public List<BrokeredConnection> served() {
		this.lock.lock();
		try {
			return this.served.stream().map(Served::describe).sorted(BY_NUMBER).toList();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public List<BrokeredConnection> dialed() {
		this.lock.lock();
		try {
			return this.dialed.stream()
				.filter((channel) -> !channel.connectionEnded)
				.map(Dialed::describe)
				.sorted(BY_NUMBER)
				.toList();
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

	private PluginException closed() {
		String reason = this.ended;
		return new PluginException((reason != null) ? reason : "The broker of plugin '" + this.plugin + "' has ended");
	}

	private PluginException tooMany(String what) {
		return new PluginException("There are " + MAX_CONNECTIONS + " connections " + what + " plugin '" + this.plugin
				+ "' already; close those that are not needed");
	}

	/**
	 * Let nobody begin anything any more.
	 * @return those who wait
	 */
	private List<Dial> end(String reason) {
		this.lock.lock();
		try {
			if (this.ended == null) {
				this.ended = reason;
			}
			List<Dial> waiting = new ArrayList<>();
			this.dials.values().forEach(waiting::addAll);
			this.dials.clear();
			this.waiting = 0;
			this.announced.values().forEach((announcement) -> announcement.expiry.cancel(false));
			this.announced.clear();
			return waiting;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void closeServed() {
		List<Served> servers;
		this.lock.lock();
		try {
			servers = List.copyOf(this.served);
		}
		finally {
			this.lock.unlock();
		}
		servers.forEach(Served::close);
	}

	/**
	 * End all connections in both directions. Again does nothing. Does not block.
	 */
	@Override
	public void close() {
		end("The broker of plugin '" + this.plugin + "' is closed: its process has ended or is being ended")
			.forEach((dial) -> dial.fail(closed()));
		this.sendLock.lock();
		try {
			this.stream.cancel("The broker is closed", null);
		}
		finally {
			this.sendLock.unlock();
		}
		closeServed();
		List<Dialed> channels;
		this.lock.lock();
		try {
			channels = List.copyOf(this.dialed);
		}
		finally {
			this.lock.unlock();
		}
		channels.forEach(Dialed::shutdownNow);
	}

	private static String number(int id) {
		return Integer.toUnsignedString(id);
	}

	@Override
	public String toString() {
		return "broker of plugin '" + this.plugin + "'";
	}

	/**
	 * What the plugin serves, until somebody dials it.
	 */
	private record Announcement(ConnInfo info, ScheduledFuture<?> expiry) {
	}

	/**
	 * Reads the stream.
	 */
	private final class Announcements implements StreamObserver<ConnInfo> {

		@Override
		public void onNext(ConnInfo info) {
			announced(info);
		}

		@Override
		public void onError(Throwable failure) {
			Status status = Status.fromThrowable(failure);
			boolean absent = status.getCode() == Status.Code.UNIMPLEMENTED;
			ended(absent
					? "Plugin '" + GrpcBroker.this.plugin + "' has no broker: it does not offer the gRPC service '"
							+ GRPCBrokerGrpc.SERVICE_NAME + "', so there are no connections besides the main one"
					: "The stream of the broker of plugin '" + GrpcBroker.this.plugin + "' has ended with "
							+ status.getCode());
			if (absent) {
				closeServed();
			}
		}

		@Override
		public void onCompleted() {
			ended("Plugin '" + GrpcBroker.this.plugin + "' has closed its broker");
		}

		private void ended(String reason) {
			logger.debug("{}", reason);
			end(reason).forEach((dial) -> dial.fail(closed()));
		}

	}

	/**
	 * Something that we serve.
	 */
	private final class Served implements BrokeredServer {

		private final BrokeredConnection description;

		private final Path socket;

		private final Server server;

		private final AtomicBoolean closed = new AtomicBoolean();

		Served(int id, String name, Path socket, Server server) {
			this.description = new BrokeredConnection(id, name, Instant.now());
			this.socket = socket;
			this.server = server;
		}

		BrokeredConnection describe() {
			return this.description;
		}

		@Override
		public int id() {
			return this.description.id();
		}

		@Override
		public void close() {
			if (!this.closed.compareAndSet(false, true)) {
				return;
			}
			GrpcBroker.this.lock.lock();
			try {
				GrpcBroker.this.served.remove(this);
			}
			finally {
				GrpcBroker.this.lock.unlock();
			}
			try {
				Files.deleteIfExists(this.socket);
			}
			catch (IOException ex) {
				logger.warn("The socket '{}' cannot be deleted: {}", this.socket, ex.toString());
			}
			try {
				// It waits for its event loop, on which we may be.
				GrpcBroker.this.handlers.execute(this.server::shutdownNow);
			}
			catch (RejectedExecutionException ex) {
				logger.debug("The host has closed, and its transport ends the server", ex);
			}
		}

	}

	/**
	 * Somebody who wants to connect to what the plugin serves.
	 */
	private final class Dial {

		private final String name;

		private final int id;

		private final CompletableFuture<ManagedChannel> result = new CompletableFuture<>();

		Dial(String name, int id) {
			this.name = name;
			this.id = id;
		}

		void expireAfter(Duration patience) {
			ScheduledFuture<?> expiry;
			try {
				expiry = GrpcBroker.this.scheduler.schedule(this::expire, patience.toNanos(), TimeUnit.NANOSECONDS);
			}
			catch (RejectedExecutionException ex) {
				withdraw(this);
				throw new PluginException("The host has closed", ex);
			}
			this.result.whenComplete((channel, failure) -> {
				expiry.cancel(false);
				withdraw(this);
			});
		}

		private void expire() {
			if (withdraw(this)) {
				fail(new PluginException("Plugin '" + GrpcBroker.this.plugin + "' did not announce connection "
						+ number(this.id) + " (" + this.name + ") within " + PATIENCE.toSeconds()
						+ "s: its broker must serve a number before the number is given away, and a number can be dialled once only"));
			}
		}

		void connect(ConnInfo info) {
			Dialed channel;
			try {
				SocketAddress address = PluginAddress.parse(info.getNetwork(), info.getAddress());
				channel = new Dialed(this.id, this.name, address);
			}
			catch (IllegalArgumentException ex) {
				fail(new PluginException("Plugin '" + GrpcBroker.this.plugin + "' announced connection "
						+ number(this.id) + " (" + this.name + ") at an address of no use: " + ex.getMessage()));
				return;
			}
			if (!channel.register() || !this.result.complete(channel)) {
				channel.shutdownNow();
				fail(closed());
			}
		}

		void fail(PluginException failure) {
			this.result.completeExceptionally(failure);
		}

	}

	/**
	 * A connection to what the plugin serves.
	 */
	private final class Dialed extends ManagedChannel implements ConnectionListener {

		private final BrokeredConnection description;

		private final ManagedChannel delegate;

		private volatile boolean connectionEnded;

		Dialed(int id, String name, SocketAddress address) {
			this.description = new BrokeredConnection(id, name, Instant.now());
			this.delegate = GrpcBroker.this.transport.connect(address, GrpcBroker.this.clientTls, GrpcBroker.this.peers,
					this, (builder) -> builder.maxInboundMessageSize(GrpcBroker.this.maxMessageSize));
		}

		BrokeredConnection describe() {
			return this.description;
		}

		boolean register() {
			GrpcBroker.this.lock.lock();
			try {
				if (GrpcBroker.this.ended != null) {
					return false;
				}
				GrpcBroker.this.dialed.add(this);
				return true;
			}
			finally {
				GrpcBroker.this.lock.unlock();
			}
		}

		private void deregister() {
			GrpcBroker.this.lock.lock();
			try {
				GrpcBroker.this.dialed.remove(this);
			}
			finally {
				GrpcBroker.this.lock.unlock();
			}
		}

		@Override
		public void connected(PeerCredentials peer) {
		}

		@Override
		public void refused(String reason) {
			logger.warn("Connection {} of plugin '{}' is refused: {}", number(this.description.id()),
					GrpcBroker.this.plugin, reason);
		}

		/**
		 * It never connects again. The rest is its owner's to do.
		 */
		@Override
		public void closed() {
			this.connectionEnded = true;
		}

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			return this.delegate.newCall(method, options);
		}

		@Override
		public String authority() {
			return this.delegate.authority();
		}

		@Override
		public ManagedChannel shutdown() {
			this.delegate.shutdown();
			if (this.delegate.isTerminated()) {
				deregister();
			}
			return this;
		}

		@Override
		public ManagedChannel shutdownNow() {
			this.delegate.shutdownNow();
			deregister();
			return this;
		}

		@Override
		public boolean isShutdown() {
			return this.delegate.isShutdown();
		}

		@Override
		public boolean isTerminated() {
			return this.delegate.isTerminated();
		}

		@Override
		public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
			return this.delegate.awaitTermination(timeout, unit);
		}

		@Override
		public ConnectivityState getState(boolean requestConnection) {
			return this.delegate.getState(requestConnection);
		}

		@Override
		public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
			this.delegate.notifyWhenStateChanged(source, callback);
		}

		@Override
		public void resetConnectBackoff() {
			this.delegate.resetConnectBackoff();
		}

		@Override
		public void enterIdle() {
			this.delegate.enterIdle();
		}

	}

}
