package dev.pluggable.benchmarks;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;

/**
 * Creates servers by hand, with one event loop per processor for all of them.
 */
final class BareServers implements AutoCloseable {

	/** A field, because a logger that nobody references loses its level. */
	private static final Logger logger = Logger.getLogger("io.grpc.netty");

	private final EventLoopGroup eventLoops = new MultiThreadIoEventLoopGroup(
			Runtime.getRuntime().availableProcessors(), EpollIoHandler.newFactory());

	BareServers() {
		// gRPC warns about each stream that a caller cancels.
		logger.setLevel(Level.OFF);
	}

	/**
	 * Return the builder of a server on a Unix socket.
	 * @param socket path of the socket, which must not exist
	 */
	NettyServerBuilder unix(Path socket) {
		return NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
			.bossEventLoopGroup(this.eventLoops)
			.workerEventLoopGroup(this.eventLoops)
			.channelType(EpollServerDomainSocketChannel.class)
			.withChildOption(ChannelOption.SO_KEEPALIVE, null);
	}

	@Override
	public void close() {
		this.eventLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
	}

}
