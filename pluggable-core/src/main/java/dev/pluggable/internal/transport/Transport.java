package dev.pluggable.internal.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.pluggable.internal.support.Caller;
import dev.pluggable.internal.support.LimitedLog;
import dev.pluggable.internal.support.OwnThreads;
import dev.pluggable.internal.support.StatusLimit;
import dev.pluggable.internal.support.StatusMask;
import dev.pluggable.transport.TransportType;
import dev.pluggable.transport.TransportUnavailableException;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.InternalNettyServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates gRPC channels and servers on Unix domain sockets. All channels and servers
 * share one event loop group. The first channel or server creates the group, because its
 * creation dominates the start of a host that connects to nothing. Safe for use by many
 * threads.
 */
public final class Transport implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Transport.class);

	/**
	 * The message of gRPC's exception for metadata that are too large.
	 */
	private static final String METADATA_TOO_LARGE = "Header size exceeded max allowed size";

	/**
	 * Default of the largest accepted metadata of a call, in bytes. The default of gRPC,
	 * 8 KiB, is less than the text of many errors.
	 */
	public static final int DEFAULT_MAX_INBOUND_METADATA_SIZE = 64 * 1024;

	/**
	 * Number of days from which on gRPC treats an idle timeout as infinite.
	 */
	private static final int NEVER_IDLE_DAYS = 31;

	/**
	 * Time in which a new connection must begin to speak.
	 */
	private static final int HANDSHAKE_SECONDS = 20;

	/**
	 * Metadata up to this size end only their own call if they are too large. Larger ones
	 * end the connection with all its calls, because they change the decoder of the
	 * headers that follow.
	 */
	private static final int READABLE_METADATA_SIZE = 1024 * 1024;

	private static final LimitedLog refusals = new LimitedLog("refused connections");

	private static final long CLOSE_TIMEOUT_SECONDS = 5;

	/**
	 * Whether gRPC finds OpenCensus, for which it searches the class path with each
	 * channel and server.
	 */
	private static final boolean CENSUS = isPresent("io.grpc.census.InternalCensusStatsAccessor");

	private final TransportType wanted;

	private final ExecutorService callbacks;

	/**
	 * All open channels, including those that accept connections.
	 */
	private final Set<Channel> channels = ConcurrentHashMap.newKeySet();

	private @Nullable Selection selection;

	private @Nullable EventLoopGroup eventLoops;

	private boolean closed;

	private final int maxInboundMetadataSize;

	private final OwnThreads callbackThreads = OwnThreads.numbered("pluggable-callback-");

	private static boolean isPresent(String className) {
		try {
			Class.forName(className, false, Transport.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

	private Transport(TransportType wanted, int maxInboundMetadataSize) {
		this.wanted = wanted;
		this.maxInboundMetadataSize = maxInboundMetadataSize;
		int processors = Runtime.getRuntime().availableProcessors();
		ThreadPoolExecutor executor = new ThreadPoolExecutor(processors * 2, processors * 2, 10, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), this.callbackThreads);
		executor.allowCoreThreadTimeOut(true);
		this.callbacks = executor;
	}

	/**
	 * Create a transport.
	 * @param type the type; with {@link TransportType#AUTO} the first use selects a type
	 * @return the transport, which the caller closes
	 * @throws TransportUnavailableException if the type does not work on this machine
	 */
	public static Transport create(TransportType type) {
		return create(type, DEFAULT_MAX_INBOUND_METADATA_SIZE);
	}

	/**
	 * Create a transport.
	 * @param type the type; with {@link TransportType#AUTO} the first use selects a type
	 * @param maxInboundMetadataSize largest accepted metadata of a call, in bytes; the
	 * text and the details of an error are metadata
	 * @return the transport, which the caller closes
	 * @throws TransportUnavailableException if the type does not work on this machine
	 */
	public static Transport create(TransportType type, int maxInboundMetadataSize) {
		Transport transport = new Transport(type, maxInboundMetadataSize);
		if (type != TransportType.AUTO) {
			transport.selection();
		}
		return transport;
	}

	private synchronized Selection selection() {
		Selection selection = this.selection;
		if (selection == null) {
			selection = Selection.of(this.wanted);
			this.selection = selection;
		}
		return selection;
	}

	private SocketTransport sockets() {
		return selection().sockets();
	}

	private synchronized EventLoopGroup eventLoops() {
		EventLoopGroup eventLoops = this.eventLoops;
		if (eventLoops == null) {
			if (this.closed) {
				throw new IllegalStateException("The transport is closed");
			}
			// Netty pools buffers and other objects only on threads of its own factory.
			eventLoops = new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(),
					new DefaultThreadFactory("pluggable-io", true), sockets().ioHandlerFactory());
			this.eventLoops = eventLoops;
			logger.debug("Components are connected by {}", sockets().type());
		}
		return eventLoops;
	}

	/**
	 * The selected type.
	 * @return the type, never {@link TransportType#AUTO}
	 */
	public TransportType type() {
		return sockets().type();
	}

	/**
	 * Reasons why {@link TransportType#AUTO} did not select the types that it prefers.
	 * @return reasons by type
	 */
	public Map<TransportType, String> unavailable() {
		return Map.copyOf(selection().unavailable());
	}

	/**
	 * Create a channel to one process on a Unix domain socket or a TCP port. The channel
	 * connects with its first call. It connects again if the server ends the connection
	 * in peace (GOAWAY) and the same process still listens, and never otherwise.
	 * @param address a {@link UnixDomainSocketAddress}, or an {@link InetSocketAddress},
	 * whose peer the operating system does not know
	 * @param tls the encryption, with {@code localhost} as the name of the server;
	 * {@code null} for plain text
	 * @param policy the allowed peers of a Unix domain socket
	 * @param listener hears of the connections
	 * @param customizer changes the builder last
	 * @return the channel, which the caller shuts down
	 */
	public ManagedChannel connect(SocketAddress address, @Nullable SslContext tls, PeerPolicy policy,
			ConnectionListener listener, Consumer<ManagedChannelBuilder<?>> customizer) {
		return connect(address, tls, policy, listener, StatusMask.NONE, customizer);
	}

	/**
	 * Create a channel to one process that knows secrets. Apart from that like
	 * {@link #connect(SocketAddress, SslContext, PeerPolicy, ConnectionListener, Consumer)
	 * connect} without a mask.
	 * @param secrets masks the status of a failed call before interceptors see the status
	 */
	public ManagedChannel connect(SocketAddress address, @Nullable SslContext tls, PeerPolicy policy,
			ConnectionListener listener, StatusMask secrets, Consumer<ManagedChannelBuilder<?>> customizer) {
		Path socket = (address instanceof UnixDomainSocketAddress unix) ? unix.getPath() : null;
		return new ProcessChannel(() -> open(socket), policy, listener, this::explain, secrets,
				(connections, interceptor) -> {
					NettyChannelBuilder builder = NettyChannelBuilder
						.forAddress((socket != null) ? sockets().address(socket) : address)
						.eventLoopGroup(eventLoops())
						.channelFactory(connections)
						// Unix sockets do not have this option, and Netty would warn at
						// each connection.
						.withOption(ChannelOption.SO_KEEPALIVE, null)
						.overrideAuthority("localhost")
						.userAgent(Caller.userAgent(this.maxInboundMetadataSize))
						.executor(this.callbacks)
						.offloadExecutor(this.callbacks)
						.idleTimeout(NEVER_IDLE_DAYS, TimeUnit.DAYS)
						.maxInboundMetadataSize(Math.max(this.maxInboundMetadataSize, READABLE_METADATA_SIZE))
						.disableServiceConfigLookUp()
						// The first interceptor is the one next to the transport.
						.intercept(interceptor);
					if (tls != null) {
						builder.sslContext(tls);
					}
					else {
						builder.usePlaintext();
					}
					if (!CENSUS) {
						InternalNettyChannelBuilder.setStatsEnabled(builder, false);
						InternalNettyChannelBuilder.setTracingEnabled(builder, false);
					}
					customizer.accept(builder);
					// A retry of gRPC would hide whether the request was sent.
					return builder.disableRetry().build();
				});
	}

	/**
	 * Name the limit if the metadata of an answer was too large: gRPC itself names only
	 * the end of the stream.
	 */
	private Status explain(Status status, Metadata trailers) {
		boolean tooLarge = StatusLimit.isAbove(status, trailers, this.maxInboundMetadataSize);
		for (Throwable cause = status.getCause(); cause != null && !tooLarge; cause = cause.getCause()) {
			tooLarge = cause.getMessage() != null && cause.getMessage().startsWith(METADATA_TOO_LARGE);
		}
		return tooLarge ? Status.RESOURCE_EXHAUSTED.withDescription("The answer has metadata of more than "
				+ this.maxInboundMetadataSize + " bytes, such as a long text or details of an error. "
				+ "'pluggable.transport.max-inbound-metadata-size' sets the limit") : status;
	}

	private SocketTransport.ClientSocket open(@Nullable Path socket) throws IOException {
		SocketTransport.ClientSocket opened = (socket != null) ? sockets().open()
				: new SocketTransport.ClientSocket(sockets().openTcp(), null);
		owned(opened.channel());
		return opened;
	}

	/**
	 * Find out whether a process listens on a socket, by a connection that is closed at
	 * once. This check costs much less than a channel that fails. Does not block.
	 * @param socket path of the socket
	 * @return {@code false} if the operating system refuses the connection; {@code true}
	 * in any other case, also if {@link #connect} would fail
	 */
	public boolean isListening(Path socket) {
		try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.configureBlocking(false);
			// A connection that is not made at once waits in the backlog of a listener.
			channel.connect(UnixDomainSocketAddress.of(socket));
			return true;
		}
		catch (ConnectException ex) {
			return false;
		}
		catch (IOException ex) {
			return true;
		}
	}

	/**
	 * Create the builder of a server on a socket.
	 * @param socket path of the socket, which must not exist
	 * @return the builder
	 */
	public NettyServerBuilder server(Path socket) {
		return server(socket, Integer.MAX_VALUE);
	}

	/**
	 * Create the builder of a server on a socket.
	 * @param socket path of the socket, which must not exist
	 * @param maxConnections most connections at a time; further ones are closed at once
	 * @return the builder
	 */
	public NettyServerBuilder server(Path socket, int maxConnections) {
		return server(socket, maxConnections, eventLoops());
	}

	/**
	 * Create the builder of a server for one connection: the event loop that accepts the
	 * connection also serves it, so no other thread has to wake up.
	 * @param socket path of the socket, which must not exist
	 * @return the builder
	 */
	public NettyServerBuilder connectionServer(Path socket) {
		return server(socket, Integer.MAX_VALUE, eventLoops().next());
	}

	private NettyServerBuilder server(Path socket, int maxConnections, EventLoopGroup eventLoops) {
		ServerLog.quieten();
		NettyServerBuilder builder = NettyServerBuilder.forAddress(sockets().address(socket))
			.bossEventLoopGroup(eventLoops)
			.workerEventLoopGroup(eventLoops)
			.channelFactory(() -> listen(socket, maxConnections))
			.handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
			.maxInboundMetadataSize(this.maxInboundMetadataSize)
			.withChildOption(ChannelOption.SO_KEEPALIVE, null);
		if (!CENSUS) {
			// gRPC would search the class path for OpenCensus each time.
			InternalNettyServerBuilder.setStatsEnabled(builder, false);
			InternalNettyServerBuilder.setTracingEnabled(builder, false);
		}
		return builder;
	}

	private ServerChannel listen(Path socket, int maxConnections) {
		ServerChannel server = new ReflectiveChannelFactory<>(sockets().serverChannelType()).newChannel();
		server.pipeline().addLast(new Accepted(socket, maxConnections));
		return owned(server);
	}

	private <C extends Channel> C owned(C channel) {
		this.channels.add(channel);
		channel.closeFuture().addListener((closed) -> this.channels.remove(channel));
		return channel;
	}

	/**
	 * Close all connections and end all threads. The method waits at most 5 seconds for
	 * the connections, 5 seconds for their threads and 5 seconds for the threads of
	 * callbacks.
	 */
	@Override
	public void close() {
		EventLoopGroup eventLoops;
		synchronized (this) {
			this.closed = true;
			eventLoops = this.eventLoops;
		}
		if (eventLoops != null) {
			long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_TIMEOUT_SECONDS);
			closeChannels(ServerChannel.class, deadline);
			closeChannels(Channel.class, deadline);
			eventLoops.shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
				.awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
		}
		// The queue contains the results of calls, and callers wait for them.
		this.callbacks.shutdown();
		if (this.callbackThreads.isCurrent()) {
			// The caller closes the transport in the callback of a call.
			return;
		}
		boolean interrupted = Thread.interrupted();
		try {
			if (!this.callbacks.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
				this.callbacks.shutdownNow().forEach(Runnable::run);
			}
		}
		catch (InterruptedException ex) {
			interrupted = true;
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Close channels before their event loop ends: a loop that was busy until its end
	 * does not close them, and their listeners would not hear of it. Like the loop, this
	 * method closes a channel without calling its handlers.
	 */
	private void closeChannels(Class<? extends Channel> type, long deadline) {
		List<Channel> closing = this.channels.stream().filter(type::isInstance).filter(Channel::isRegistered).toList();
		for (Channel channel : closing) {
			try {
				channel.eventLoop().execute(() -> channel.unsafe().close(channel.voidPromise()));
			}
			catch (RejectedExecutionException ex) {
				// The event loop has ended, and its channels with it.
				return;
			}
		}
		closing.forEach((channel) -> channel.closeFuture()
			.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
	}

	/**
	 * The selected implementation.
	 *
	 * @param sockets the implementation
	 * @param unavailable reasons why the preferred types do not work
	 */
	private record Selection(SocketTransport sockets, Map<TransportType, String> unavailable) {

		static Selection of(TransportType type) {
			Map<TransportType, Supplier<SocketTransport>> candidates = new LinkedHashMap<>();
			candidates.put(TransportType.EPOLL, EpollTransport::new);
			candidates.put(TransportType.KQUEUE, KqueueTransport::new);
			candidates.put(TransportType.NIO, NioTransport::new);
			if (type != TransportType.AUTO) {
				candidates.keySet().retainAll(List.of(type));
			}
			Map<TransportType, String> unavailable = new EnumMap<>(TransportType.class);
			Throwable cause = null;
			for (Map.Entry<TransportType, Supplier<SocketTransport>> candidate : candidates.entrySet()) {
				try {
					SocketTransport sockets = candidate.getValue().get();
					cause = sockets.unavailabilityCause();
					if (cause == null) {
						return new Selection(sockets, unavailable);
					}
				}
				catch (LinkageError ex) {
					// The jar of the transport is not on the class path.
					cause = ex;
				}
				unavailable.put(candidate.getKey(), describe(cause));
			}
			throw new TransportUnavailableException(type, describe(cause), cause);
		}

		private static String describe(@Nullable Throwable cause) {
			Throwable root = cause;
			while (root != null && root.getCause() != null) {
				root = root.getCause();
			}
			return (root != null) ? root.toString() : "no reason is known";
		}

	}

	/**
	 * Registers the connections that a server accepts, and refuses too many of them.
	 */
	private final class Accepted extends ChannelInboundHandlerAdapter {

		private final Path socket;

		private final int maxConnections;

		private final AtomicInteger connections = new AtomicInteger();

		Accepted(Path socket, int maxConnections) {
			this.socket = socket;
			this.maxConnections = maxConnections;
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object channel) {
			Channel accepted = (Channel) channel;
			if (this.connections.incrementAndGet() > this.maxConnections) {
				this.connections.decrementAndGet();
				refusals.log(logger, "The server on " + this.socket + " refuses a connection, because it has "
						+ this.maxConnections + " already ('pluggable.server.max-connections')");
				accepted.unsafe().closeForcibly();
				return;
			}
			accepted.closeFuture().addListener((closed) -> {
				this.connections.decrementAndGet();
				ServerLog.ended(this.socket, accepted);
			});
			owned(accepted);
			context.fireChannelRead(channel);
		}

	}

}
