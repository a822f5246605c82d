package dev.pluggable.benchmarks;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * Servers as somebody would make them by hand, on one group of event loops.
 */
final class BareServers implements AutoCloseable {

	private final EventLoopGroup eventLoops = new MultiThreadIoEventLoopGroup(
			Runtime.getRuntime().availableProcessors(), new DefaultThreadFactory("bare-server", true),
			EpollIoHandler.newFactory());

	/**
	 * Create the builder of a server on a socket.
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
