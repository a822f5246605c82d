package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.Empty;
import com.google.protobuf.UInt32Value;
import dev.pluggable.proto.goplugin.GRPCBrokerGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.ConnInfo;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.InternalNettyServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * A host by hand, with grpc-java and nothing else: the floor of a brokered connection in
 * Java. It does what every host must do: listen on a Unix socket, announce the socket,
 * call the plugin, answer one call, and end the server. The next socket listens ahead, as
 * in the product. One event loop accepts and serves a connection, and services run on
 * threads that may block. There are no limits, checks, customizers or logs, and nobody
 * cares for a plugin that dies.
 */
final class BareBroker implements BrokeredHost.Caller {

	private final EventLoopGroup eventLoops = new MultiThreadIoEventLoopGroup(
			Runtime.getRuntime().availableProcessors(), EpollIoHandler.newFactory());

	private final ExecutorService threads = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "bare-handler");
		thread.setDaemon(true);
		return thread;
	});

	private final ServerServiceDefinition health = new HealthStatusManager().getHealthService().bindService();

	private final Path folder;

	private final Process plugin;

	private final @Nullable SslContext serverTls;

	private final ManagedChannel channel;

	private final StreamObserver<ConnInfo> announcements;

	private int number;

	private Server next;

	/**
	 * Launch the plugin and connect.
	 * @param program the plugin
	 * @param folder folder of the sockets
	 * @param mtls whether to use AutoMTLS
	 */
	BareBroker(Path program, Path folder, boolean mtls) throws IOException {
		this.folder = folder;
		ProcessBuilder builder = new ProcessBuilder(program.toString()).redirectError(ProcessBuilder.Redirect.DISCARD);
		builder.environment().put(BrokeredHost.COOKIE, BrokeredHost.COOKIE_VALUE);
		builder.environment().put("PLUGIN_UNIX_SOCKET_DIR", folder.toString());
		BareCertificate certificate = mtls ? BareCertificate.create(folder) : null;
		if (certificate != null) {
			builder.environment().put("PLUGIN_CLIENT_CERT", certificate.pem());
		}
		this.plugin = builder.start();
		BufferedReader output = this.plugin.inputReader();
		// Core version, protocol version, network, address, protocol, certificate.
		String[] handshake = String.valueOf(output.readLine()).trim().split("\\|");
		byte[] der = mtls ? Base64.getDecoder().decode(handshake[5]) : new byte[0];
		this.serverTls = (certificate != null) ? certificate.server(der) : null;
		NettyChannelBuilder channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(handshake[3]))
			.eventLoopGroup(this.eventLoops)
			.channelType(EpollDomainSocketChannel.class)
			.withOption(ChannelOption.SO_KEEPALIVE, null)
			.overrideAuthority("localhost")
			.executor(this.threads)
			.offloadExecutor(this.threads)
			.disableServiceConfigLookUp()
			.disableRetry();
		this.channel = ((certificate != null) ? channel.sslContext(certificate.client(der)) : channel.usePlaintext())
			.build();
		this.announcements = GRPCBrokerGrpc.newStub(this.channel).startStream(new Ignored());
		this.next = listen();
	}

	private Path socket() {
		return this.folder.resolve("n" + this.number);
	}

	/**
	 * Let a server listen on the next socket.
	 */
	private Server listen() throws IOException {
		this.number++;
		EventLoopGroup eventLoop = this.eventLoops.next();
		NettyServerBuilder builder = NettyServerBuilder.forAddress(new DomainSocketAddress(socket().toString()))
			.bossEventLoopGroup(eventLoop)
			.workerEventLoopGroup(eventLoop)
			.channelType(EpollServerDomainSocketChannel.class)
			.withChildOption(ChannelOption.SO_KEEPALIVE, null)
			.executor(this.threads)
			.addService(this.health);
		InternalNettyServerBuilder.setStatsEnabled(builder, false);
		InternalNettyServerBuilder.setTracingEnabled(builder, false);
		if (this.serverTls != null) {
			builder.sslContext(this.serverTls);
		}
		return builder.build().start();
	}

	@Override
	public void callBack() throws Exception {
		Server server = this.next;
		this.announcements.onNext(ConnInfo.newBuilder()
			.setServiceId(this.number)
			.setNetwork("unix")
			.setAddress(socket().toString())
			.build());
		Future<Empty> answer = ClientCalls.futureUnaryCall(this.channel.newCall(BrokeredHost.CALL_BACK,
				CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS)), UInt32Value.of(this.number));
		// The plugin works at this moment.
		this.next = listen();
		answer.get();
		server.shutdownNow();
	}

	@Override
	public void close() {
		this.next.shutdownNow();
		this.channel.shutdownNow();
		this.plugin.destroyForcibly();
		this.eventLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
		this.threads.shutdownNow();
	}

	/**
	 * The plugin of the benchmark serves nothing itself.
	 */
	private static final class Ignored implements StreamObserver<ConnInfo> {

		@Override
		public void onNext(ConnInfo announcement) {
			// Nobody dials the plugin.
		}

		@Override
		public void onError(Throwable failure) {
			// The call that follows fails, too.
		}

		@Override
		public void onCompleted() {
			// The plugin ends.
		}

	}

}
