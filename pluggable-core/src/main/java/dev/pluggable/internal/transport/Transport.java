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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Filter;

import dev.pluggable.internal.support.DaemonThreads;
import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.TransportType;
import dev.pluggable.transport.TransportUnavailableException;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
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
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes gRPC channels and servers on Unix domain sockets. All of them share one event
 * loop group, which is made for the first of them, since that takes an application with
 * nothing to connect to longer than the rest of a host, and lives until the transport is
 * closed. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class Transport implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Transport.class);

	/**
	 * A day count from which on gRPC never lets a channel go idle.
	 */
	private static final int NEVER_IDLE_DAYS = 31;

	private static final long CLOSE_TIMEOUT_SECONDS = 5;

	private final TransportType wanted;

	private final ExecutorService callbacks;

	/**
	 * All that is open, and what accepts it.
	 */
	private final Set<Channel> channels = ConcurrentHashMap.newKeySet();

	private @Nullable Selection selection;

	private @Nullable EventLoopGroup eventLoops;

	private boolean closed;

	private Transport(TransportType wanted) {
		this.wanted = wanted;
		int processors = Runtime.getRuntime().availableProcessors();
		ThreadPoolExecutor executor = new ThreadPoolExecutor(processors * 2, processors * 2, 10, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), DaemonThreads.numbered("pluggable-callback-"));
		executor.allowCoreThreadTimeOut(true);
		this.callbacks = executor;
	}

	/**
	 * Make a transport.
	 * @param type which one; with {@link TransportType#AUTO} that is found out when it is
	 * needed
	 * @return the transport, to be closed by the caller
	 * @throws TransportUnavailableException if it cannot be used on this machine
	 */
	public static Transport create(TransportType type) {
		Transport transport = new Transport(type);
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
			// Netty keeps buffers and other objects for the next use on threads of its
			// own kind only.
			eventLoops = new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(),
					new DefaultThreadFactory("pluggable-io", true), sockets().ioHandlerFactory());
			this.eventLoops = eventLoops;
			logger.debug("Components are spoken to by {}", sockets().type());
		}
		return eventLoops;
	}

	/**
	 * The transport that is in use.
	 * @return the type, never {@link TransportType#AUTO}
	 */
	public TransportType type() {
		return sockets().type();
	}

	/**
	 * Why transports that would have come first are not in use.
	 * @return reasons by type
	 */
	public Map<TransportType, String> unavailable() {
		return Map.copyOf(selection().unavailable());
	}

	/**
	 * Make a channel that is one connection and never another: it connects with its first
	 * call and does not reconnect. The peer is checked before the first byte is sent.
	 * @param socket path of the socket
	 * @param policy who may be there
	 * @param listener told of the connection's life
	 * @param customizer applied last
	 * @return the channel, to be shut down by the caller
	 */
	public ManagedChannel connect(Path socket, PeerPolicy policy, ConnectionListener listener,
			Consumer<ManagedChannelBuilder<?>> customizer) {
		return connect(UnixDomainSocketAddress.of(socket), null, policy, listener, customizer);
	}

	/**
	 * Make a channel that is one connection and never another, to a Unix domain socket or
	 * a TCP port, with TLS or without.
	 * @param address a {@link UnixDomainSocketAddress}, or an {@link InetSocketAddress},
	 * where the operating system cannot tell who the peer is
	 * @param tls how to encrypt, with {@code localhost} as the name of the server;
	 * {@code null} for plain text
	 * @param policy who may be behind a Unix domain socket
	 * @param listener told of the connection's life
	 * @param customizer applied last
	 * @return the channel, to be shut down by the caller
	 */
	public ManagedChannel connect(SocketAddress address, @Nullable SslContext tls, PeerPolicy policy,
			ConnectionListener listener, Consumer<ManagedChannelBuilder<?>> customizer) {
		AtomicBoolean opened = new AtomicBoolean();
		Path socket = (address instanceof UnixDomainSocketAddress unix) ? unix.getPath() : null;
		NettyChannelBuilder builder = NettyChannelBuilder
			.forAddress((socket != null) ? sockets().address(socket) : address)
			.eventLoopGroup(eventLoops())
			.channelFactory(() -> {
				if (!opened.compareAndSet(false, true)) {
					throw Status.UNAVAILABLE.withDescription("The connection has ended").asRuntimeException();
				}
				return owned((socket != null) ? open(policy, listener) : openTcp(listener));
			})
			// The option means nothing on a Unix socket; without this line Netty warns of
			// it at each connection.
			.withOption(ChannelOption.SO_KEEPALIVE, null)
			.overrideAuthority("localhost")
			.executor(this.callbacks)
			.offloadExecutor(this.callbacks)
			.idleTimeout(NEVER_IDLE_DAYS, TimeUnit.DAYS)
			.disableServiceConfigLookUp()
			// The first interceptor is the innermost, so it sees what really happened.
			.intercept(new SentInterceptor());
		if (tls != null) {
			builder.sslContext(tls);
		}
		else {
			builder.usePlaintext();
		}
		customizer.accept(builder);
		// A retry of gRPC could reach nobody else, and would hide whether anything was
		// sent.
		return builder.disableRetry().build();
	}

	private Channel open(PeerPolicy policy, ConnectionListener listener) {
		try {
			SocketTransport.ClientSocket socket = sockets().open();
			socket.channel().pipeline().addLast(new PeerCheck(socket.peer(), policy, listener));
			return socket.channel();
		}
		catch (IOException ex) {
			throw Status.UNAVAILABLE.withDescription("Cannot open a socket").withCause(ex).asRuntimeException();
		}
	}

	private Channel openTcp(ConnectionListener listener) {
		Channel channel = sockets().openTcp();
		channel.pipeline().addLast(new ConnectionEnd(listener));
		return channel;
	}

	/**
	 * Whether anybody may listen on a socket, found out by a connection that is closed at
	 * once: much cheaper than a channel that fails. Does not block.
	 * @param socket path of the socket
	 * @return {@code false} if a connection is refused; what else may be wrong is found
	 * out by {@link #connect}
	 */
	public boolean isListening(Path socket) {
		try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.configureBlocking(false);
			// Not connected at once means that the backlog is full, so somebody listens.
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
	 * Begin a server on a socket.
	 * @param socket path of the socket, which must not exist
	 * @return the builder of the server
	 */
	public NettyServerBuilder server(Path socket) {
		ServerLog.quieten();
		EventLoopGroup eventLoops = eventLoops();
		return NettyServerBuilder.forAddress(sockets().address(socket))
			.bossEventLoopGroup(eventLoops)
			.workerEventLoopGroup(eventLoops)
			.channelFactory(this::listen)
			.withChildOption(ChannelOption.SO_KEEPALIVE, null);
	}

	private ServerChannel listen() {
		ServerChannel server = new ReflectiveChannelFactory<>(sockets().serverChannelType()).newChannel();
		server.pipeline().addLast(new Accepted());
		return owned(server);
	}

	private <C extends Channel> C owned(C channel) {
		this.channels.add(channel);
		channel.closeFuture().addListener((closed) -> this.channels.remove(channel));
		return channel;
	}

	/**
	 * End all connections and threads. Waits for at most 5 seconds for each of the
	 * connections, their threads and those of callbacks.
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
		// What is queued here are the ends of calls, which somebody waits for.
		this.callbacks.shutdown();
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
	 * An event loop that has just been busy can end without closing what is open on it,
	 * of which nobody would hear. As it does itself, this asks no handler.
	 */
	private void closeChannels(Class<? extends Channel> type, long deadline) {
		List<Channel> closing = this.channels.stream().filter(type::isInstance).filter(Channel::isRegistered).toList();
		for (Channel channel : closing) {
			try {
				channel.eventLoop().execute(() -> channel.unsafe().close(channel.voidPromise()));
			}
			catch (RejectedExecutionException ex) {
				// It was closed before.
				return;
			}
		}
		closing.forEach((channel) -> channel.closeFuture()
			.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
	}

	/**
	 * What is in use.
	 *
	 * @param sockets how sockets are spoken to
	 * @param unavailable why those that would have come first are not in use
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
					// The transport's jar is not there.
					cause = ex;
				}
				unavailable.put(candidate.getKey(), TransportUnavailableException.describe(cause));
			}
			throw new TransportUnavailableException(type, cause);
		}

	}

	/**
	 * The log of gRPC's servers.
	 */
	private static final class ServerLog {

		/**
		 * Kept here, as the JDK forgets a logger, and its filter, that nobody refers to.
		 */
		private static final java.util.logging.Logger logger = java.util.logging.Logger
			.getLogger("io.grpc.netty.NettyServerHandler");

		static {
			// That a caller is gone before its answer is written is told at each such
			// call, with a stack trace, as if it was a fault of ours.
			Filter before = logger.getFilter();
			logger.setFilter((event) -> !(event.getThrown() instanceof Http2Exception.StreamException)
					&& (before == null || before.isLoggable(event)));
		}

		private ServerLog() {
		}

		/**
		 * Do the above, once.
		 */
		static void quieten() {
		}

	}

	/**
	 * Sees what a server accepts.
	 */
	private final class Accepted extends ChannelInboundHandlerAdapter {

		@Override
		public void channelRead(ChannelHandlerContext context, Object channel) {
			owned((Channel) channel);
			context.fireChannelRead(channel);
		}

	}

	/**
	 * First in the pipeline, so that gRPC does not learn of the connection, and sends
	 * nothing, before the peer is found acceptable.
	 */
	private static final class PeerCheck extends ConnectionEnd {

		private final SocketTransport.PeerLookup lookup;

		private final PeerPolicy policy;

		PeerCheck(SocketTransport.PeerLookup lookup, PeerPolicy policy, ConnectionListener listener) {
			super(listener);
			this.lookup = lookup;
			this.policy = policy;
		}

		@Override
		public void channelActive(ChannelHandlerContext context) {
			String refusal = check();
			if (refusal != null) {
				this.listener.refused(refusal);
				context.close();
				return;
			}
			context.fireChannelActive();
		}

		private @Nullable String check() {
			try {
				PeerCredentials peer = this.lookup.lookup(this.policy);
				if (!this.policy.allows(peer)) {
					return "the process behind the socket runs as " + peer + ", which is not among the allowed users "
							+ this.policy.uids().stream().sorted().toList()
							+ "; 'pluggable.security.allowed-uids' adds to them";
				}
				this.listener.connected(peer);
				return null;
			}
			catch (IOException | RuntimeException ex) {
				return "the credentials of the process behind the socket cannot be read: " + ex;
			}
		}

	}

	/**
	 * Tells that the connection has ended.
	 */
	private static class ConnectionEnd extends ChannelInboundHandlerAdapter {

		protected final ConnectionListener listener;

		ConnectionEnd(ConnectionListener listener) {
			this.listener = listener;
		}

		@Override
		public void channelInactive(ChannelHandlerContext context) {
			this.listener.closed();
			context.fireChannelInactive();
		}

	}

}
