package dev.pluggable.plugin;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import dev.pluggable.transport.ConnectionListener;
import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.PeerPolicy;
import dev.pluggable.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;

/**
 * What a plugin serves, without a process, and the host's connection to it.
 */
final class PluginEnd implements AutoCloseable {

	private final Transport transport;

	private final Server server;

	private final ManagedChannel channel;

	private PluginEnd(Transport transport, Server server, ManagedChannel channel) {
		this.transport = transport;
		this.server = server;
		this.channel = channel;
	}

	static PluginEnd serving(Path socket, BindableService... services) throws Exception {
		Transport transport = Transport.create(TransportType.AUTO);
		NettyServerBuilder builder = transport.server(socket);
		for (BindableService service : services) {
			builder.addService(service);
		}
		Server server = builder.build().start();
		return new PluginEnd(transport, server, transport.connect(UnixDomainSocketAddress.of(socket), null,
				PeerPolicy.allowing(Set.of()), new NoListener(), (channel) -> {
				}));
	}

	ManagedChannel channel() {
		return this.channel;
	}

	/**
	 * End as a process that is killed.
	 */
	void stopServer() throws InterruptedException {
		this.server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
	}

	@Override
	public void close() throws InterruptedException {
		this.channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
		stopServer();
		this.transport.close();
	}

	/**
	 * Does not care.
	 */
	static final class NoListener implements ConnectionListener {

		@Override
		public void connected(PeerCredentials peer) {
		}

		@Override
		public void refused(String reason) {
		}

		@Override
		public void closed() {
		}

	}

}
