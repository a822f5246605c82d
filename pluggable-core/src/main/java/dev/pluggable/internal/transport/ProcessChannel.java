package dev.pluggable.internal.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

import dev.pluggable.internal.support.StatusMask;
import dev.pluggable.transport.PeerCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;

/**
 * A channel to one process. The first call opens the first connection. When the server
 * announces the end of a connection (GOAWAY), the channel connects again to the same
 * process, and calls in flight go on where they are. The channel never connects again
 * after a connection was lost, because a call must not reach another process unnoticed.
 * <p>
 * The channel is {@code READY} from its first connection on, as long as it takes calls.
 * Safe for use by many threads.
 */
final class ProcessChannel extends ForwardingChannel {

	/**
	 * After a connection of this age, the channel connects again without delay.
	 */
	private static final long STABLE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	/**
	 * The longest time for which a connection to which nothing can be written is read.
	 */
	private static final long UNREAD_MILLIS = 1000;

	private static final long FIRST_DELAY_MILLIS = 20;

	private static final long LAST_DELAY_MILLIS = 1000;

	private final Opener opener;

	private final PeerPolicy policy;

	private final ConnectionListener listener;

	private final AtomicBoolean ended = new AtomicBoolean();

	/**
	 * The number of short connections in a row.
	 */
	private final AtomicInteger shortConnections = new AtomicInteger();

	private final ManagedChannel delegate;

	private volatile @Nullable Connection latest;

	/**
	 * The peer of the first connection.
	 */
	private volatile @Nullable PeerCredentials peer;

	/**
	 * Whether the process has answered on the first connection.
	 */
	private volatile boolean connected;

	/**
	 * Create a channel without a connection.
	 * @param opener creates the sockets
	 * @param policy the allowed peers
	 * @param listener hears of the connections
	 * @param explanation explains the status of a failed call
	 * @param secrets masks the status of a failed call
	 * @param builder builds the gRPC channel from a factory of connections and from the
	 * interceptor next to the transport
	 */
	ProcessChannel(Opener opener, PeerPolicy policy, ConnectionListener listener,
			BiFunction<Status, Metadata, Status> explanation, StatusMask secrets,
			BiFunction<ChannelFactory<Channel>, ClientInterceptor, ManagedChannel> builder) {
		this.opener = opener;
		this.policy = policy;
		this.listener = listener;
		this.delegate = builder.apply(this::open, ProcessCall.interceptor(this::takesCalls, explanation, secrets));
	}

	/**
	 * Create the next connection. gRPC asks for a further connection while the latest one
	 * is open only if the server ends that one in peace.
	 */
	private Channel open() {
		Connection before = this.latest;
		if (this.ended.get() || (before != null && !before.endsInPeace())) {
			if (before != null && this.connected) {
				end(before.endsInPeace());
			}
			throw Status.UNAVAILABLE.withDescription("The connection has ended").asRuntimeException();
		}
		try {
			SocketTransport.ClientSocket socket = this.opener.open();
			Connection connection = new Connection(socket, before != null);
			socket.channel().pipeline().addLast(connection);
			this.latest = connection;
			return socket.channel();
		}
		catch (IOException ex) {
			throw Status.UNAVAILABLE.withDescription("Cannot open a socket").withCause(ex).asRuntimeException();
		}
	}

	/**
	 * Report once that the channel takes no more calls.
	 */
	private void end(boolean inPeace) {
		if (this.ended.compareAndSet(false, true)) {
			if (inPeace) {
				this.listener.retired();
			}
			else {
				this.listener.closed();
			}
		}
	}

	/**
	 * Wait until the channel has connected again.
	 * @param before the connection whose end the server has announced
	 */
	private void awaitRenewal(Connection before) {
		if (this.delegate.isShutdown() || this.ended.get()) {
			return;
		}
		ConnectivityState state = this.delegate.getState(true);
		Connection latest = this.latest;
		if (latest != before && latest != null && latest.goingAway) {
			// The announcement on the later connection has begun another wait.
			return;
		}
		if (state == ConnectivityState.READY && latest != before) {
			this.listener.renewed();
		}
		else if (state == ConnectivityState.TRANSIENT_FAILURE) {
			end(true);
		}
		else {
			this.delegate.notifyWhenStateChanged(state, () -> awaitRenewal(before));
		}
	}

	@Override
	protected ManagedChannel delegate() {
		return this.delegate;
	}

	private boolean takesCalls() {
		return this.connected && !this.ended.get() && !this.delegate.isShutdown();
	}

	@Override
	public ConnectivityState getState(boolean requestConnection) {
		ConnectivityState state = this.delegate.getState(requestConnection);
		if (state == ConnectivityState.SHUTDOWN || !this.connected) {
			return state;
		}
		return this.ended.get() ? ConnectivityState.TRANSIENT_FAILURE : ConnectivityState.READY;
	}

	@Override
	public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
		ConnectivityState state = this.delegate.getState(false);
		if (getState(false) == source) {
			this.delegate.notifyWhenStateChanged(state, () -> notifyWhenStateChanged(source, callback));
		}
		else {
			// The delegate calls at once, because it has another state.
			this.delegate.notifyWhenStateChanged(
					(state != ConnectivityState.SHUTDOWN) ? ConnectivityState.SHUTDOWN : ConnectivityState.IDLE,
					callback);
		}
	}

	/**
	 * Creates sockets.
	 */
	@FunctionalInterface
	interface Opener {

		/**
		 * Create an unconnected socket.
		 * @throws IOException if this process has no descriptor left
		 */
		SocketTransport.ClientSocket open() throws IOException;

	}

	/**
	 * The first handler of a connection's pipeline: gRPC neither hears of the connection
	 * nor sends anything before the policy allows the peer.
	 */
	private final class Connection extends ChannelDuplexHandler {

		private final Channel socket;

		private final SocketTransport.@Nullable PeerLookup lookup;

		private final boolean further;

		private long connectedAt;

		private boolean watched;

		private volatile boolean goingAway;

		Connection(SocketTransport.ClientSocket socket, boolean further) {
			this.socket = socket.channel();
			this.lookup = socket.peer();
			this.further = further;
		}

		/**
		 * The event loop that reads the announcement may not have told yet.
		 */
		boolean endsInPeace() {
			return this.goingAway || this.socket.isActive();
		}

		@Override
		public void connect(ChannelHandlerContext context, SocketAddress remote, SocketAddress local,
				ChannelPromise promise) {
			if (!this.further) {
				context.connect(remote, local, promise);
				return;
			}
			// The listener must know the end before calls fail.
			context.connect(remote, local, context.newPromise()).addListener((connected) -> {
				if (connected.isSuccess()) {
					promise.trySuccess();
				}
				else {
					end(true);
					promise.tryFailure(connected.cause());
				}
			});
		}

		@Override
		public void channelActive(ChannelHandlerContext context) {
			this.connectedAt = System.nanoTime();
			SocketTransport.PeerLookup lookup = this.lookup;
			if ((lookup != null) ? isAllowed(lookup) : isExpected(null)) {
				context.fireChannelActive();
			}
			else {
				context.close();
			}
		}

		private boolean isAllowed(SocketTransport.PeerLookup lookup) {
			String refusal;
			try {
				PeerPolicy policy = ProcessChannel.this.policy;
				PeerCredentials peer = lookup.lookup(policy);
				if (policy.allows(peer)) {
					if (!isExpected(peer)) {
						return false;
					}
					ProcessChannel.this.listener.connected(peer);
					return true;
				}
				refusal = "the process behind the socket runs as " + peer + ", which is not among the allowed users "
						+ policy.uids().stream().sorted().toList() + "; 'pluggable.security.allowed-uids' adds to them";
			}
			catch (IOException | RuntimeException ex) {
				refusal = "the credentials of the process behind the socket cannot be read: " + ex;
			}
			ProcessChannel.this.listener.refused(refusal);
			return false;
		}

		private boolean isExpected(@Nullable PeerCredentials peer) {
			if (!this.further) {
				ProcessChannel.this.peer = peer;
				return true;
			}
			PeerCredentials first = ProcessChannel.this.peer;
			boolean same = first == null || (peer != null && Objects.equals(first.pid(), peer.pid()));
			if (same && ProcessChannel.this.listener.isSameProcess()) {
				return true;
			}
			end(true);
			return false;
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			if (!this.watched) {
				watch(context);
			}
			context.fireChannelRead(message);
		}

		/**
		 * Watch for the announcement of the end. gRPC adds its handler when the
		 * connection is encrypted or at once.
		 */
		private void watch(ChannelHandlerContext context) {
			Http2ConnectionHandler handler = context.pipeline().get(Http2ConnectionHandler.class);
			if (handler != null) {
				this.watched = true;
				ProcessChannel.this.connected = true;
				handler.connection().addListener(new Http2ConnectionAdapter() {

					@Override
					public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
						if (errorCode == Http2Error.NO_ERROR.code()) {
							goAwayReceived(context);
						}
					}

				});
			}
		}

		private void goAwayReceived(ChannelHandlerContext context) {
			if (this.goingAway) {
				return;
			}
			this.goingAway = true;
			// gRPC begins no call here any more. A failed write must not cost the
			// answers that are unread.
			this.socket.config().setAutoClose(false);
			context.pipeline().addFirst(new LastWrites());
			ProcessChannel.this.listener.goingAway();
			AtomicInteger shortConnections = ProcessChannel.this.shortConnections;
			long delay = 0;
			if (System.nanoTime() - this.connectedAt > STABLE_NANOS) {
				shortConnections.set(0);
			}
			else {
				delay = Math.min(LAST_DELAY_MILLIS,
						FIRST_DELAY_MILLIS << Math.min(10, shortConnections.getAndIncrement()));
			}
			try {
				this.socket.eventLoop().schedule(() -> awaitRenewal(this), delay, TimeUnit.MILLISECONDS);
			}
			catch (RejectedExecutionException ex) {
				end(true);
			}
		}

		/**
		 * A server that ends in peace closes its connection after its last answer. If the
		 * host writes at that moment, the write fails, and answers may still be unread.
		 * They are read until the connection ends by itself.
		 */
		@Override
		public void close(ChannelHandlerContext context, ChannelPromise promise) {
			if (isOnlyReadable()) {
				try {
					context.executor().schedule(() -> {
						context.close(promise);
					}, UNREAD_MILLIS, TimeUnit.MILLISECONDS);
					return;
				}
				catch (RejectedExecutionException ex) {
					// The event loop ends.
				}
			}
			context.close(promise);
		}

		private boolean isOnlyReadable() {
			return this.socket.isActive() && this.socket instanceof DuplexChannel duplex && duplex.isOutputShutdown()
					&& !duplex.isInputShutdown();
		}

		@Override
		public void channelInactive(ChannelHandlerContext context) {
			if (!this.goingAway) {
				// A server that stops in order also ends the connections that it has not
				// accepted yet. The earlier connection goes on.
				end(this.further && !this.watched);
			}
			context.fireChannelInactive();
		}

		/**
		 * Hides a failed write after the announcement of the end: gRPC would end the call
		 * of the message, whose answer may be unread. A call without an answer ends with
		 * the connection.
		 */
		private final class LastWrites extends ChannelOutboundHandlerAdapter {

			private boolean failed;

			@Override
			public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
				context.write(message, context.newPromise()).addListener((written) -> {
					if (written.isSuccess()) {
						promise.trySuccess();
					}
					else if (!isOnlyReadable()) {
						promise.tryFailure(written.cause());
					}
					else {
						if (!this.failed) {
							this.failed = true;
							Connection.this.close(context, context.newPromise());
						}
						promise.trySuccess();
					}
				});
			}

		}

	}

}
