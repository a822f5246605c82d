package dev.pluggable.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;

/**
 * Creates channels by hand with the settings of the product's channels: the same number
 * of event loops and callback threads, the same maximum message size, no retries.
 */
final class BareChannels implements AutoCloseable {

	static final int LARGEST_MESSAGE = 4 * 1024 * 1024;

	private final int processors = Runtime.getRuntime().availableProcessors();

	private final EventLoopGroup eventLoops = new MultiThreadIoEventLoopGroup(this.processors,
			EpollIoHandler.newFactory());

	private final ExecutorService callbacks = Executors.newFixedThreadPool(this.processors * 2, (task) -> {
		Thread thread = new Thread(task, "bare-callback");
		thread.setDaemon(true);
		return thread;
	});

	private final List<ManagedChannel> channels = new ArrayList<>();

	ManagedChannel unix(Path socket) {
		return build(NettyChannelBuilder
			.forAddress(new DomainSocketAddress(socket.toString()), InsecureChannelCredentials.create())
			.channelType(EpollDomainSocketChannel.class)
			.withOption(ChannelOption.SO_KEEPALIVE, null));
	}

	ManagedChannel tcp(int port) {
		return build(NettyChannelBuilder
			.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
					InsecureChannelCredentials.create())
			.channelType(EpollSocketChannel.class));
	}

	private ManagedChannel build(NettyChannelBuilder builder) {
		ManagedChannel channel = builder.eventLoopGroup(this.eventLoops)
			.executor(this.callbacks)
			.offloadExecutor(this.callbacks)
			.overrideAuthority("localhost")
			.maxInboundMessageSize(LARGEST_MESSAGE)
			.disableServiceConfigLookUp()
			.disableRetry()
			.build();
		this.channels.add(channel);
		return channel;
	}

	@Override
	public void close() {
		for (ManagedChannel channel : this.channels) {
			channel.shutdownNow();
		}
		for (ManagedChannel channel : this.channels) {
			try {
				channel.awaitTermination(5, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
		this.callbacks.shutdownNow();
		this.eventLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
	}

}
