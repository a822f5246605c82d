package dev.pluggable.plugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import dev.pluggable.transport.PeerPolicy;
import dev.pluggable.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * A process of a plugin, played by this one: it has its own event loops and sockets, and
 * when it is killed all of them are gone. And what a host has for it.
 */
final class TestProcess implements AutoCloseable {

	private static final AtomicInteger NUMBER = new AtomicInteger();

	private final Transport pluginTransport = Transport.create(TransportType.AUTO);

	private final Server server;

	private final AtomicBoolean killed = new AtomicBoolean();

	final PluginSideBroker plugin;

	final ManagedChannel control;

	final GrpcBroker broker;

	final Path hostFolder;

	TestProcess(Path folder, Transport transport, ScheduledExecutorService scheduler, ExecutorService handlers,
			Function<PluginSideBroker, List<ServerServiceDefinition>> services) {
		this(folder, transport, scheduler, handlers, services, null, null, null, null);
	}

	TestProcess(Path folder, Transport transport, ScheduledExecutorService scheduler, ExecutorService handlers,
			Function<PluginSideBroker, List<ServerServiceDefinition>> services, @Nullable SslContext hostClient,
			@Nullable SslContext hostServer, @Nullable SslContext pluginClient, @Nullable SslContext pluginServer) {
		int number = NUMBER.incrementAndGet();
		try {
			Path pluginFolder = Files.createDirectory(folder.resolve("p" + number));
			this.hostFolder = Files.createDirectory(folder.resolve("h" + number));
			this.plugin = new PluginSideBroker(this.pluginTransport, pluginFolder, pluginClient, pluginServer);
			Path socket = pluginFolder.resolve("main");
			this.server = this.pluginTransport.server(socket)
				.maxInboundMessageSize(64 * 1024 * 1024)
				.addService(this.plugin)
				.addServices(services.apply(this.plugin))
				.build()
				.start();
			this.control = transport.connect(socket, PeerPolicy.allowing(Set.of()), new SilentConnectionListener(),
					(builder) -> {
					});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.broker = new GrpcBroker("test", this.control, transport, this.hostFolder, hostClient, hostServer,
				PeerPolicy.allowing(Set.of()), scheduler, handlers, GrpcBroker.DEFAULT_MAX_MESSAGE_SIZE);
	}

	Channel channel() {
		return this.control;
	}

	/**
	 * Let the plugin's side end.
	 */
	void kill() {
		if (this.killed.compareAndSet(false, true)) {
			this.server.shutdownNow();
			this.plugin.close();
			this.pluginTransport.close();
		}
	}

	/**
	 * The process has ended: what the host does then, and the plugin's side.
	 */
	@Override
	public void close() {
		this.broker.close();
		this.control.shutdownNow();
		kill();
	}

}
