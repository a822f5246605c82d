package dev.pluggable.state;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;

/**
 * A gRPC server in this process, and a channel to it.
 */
final class TestServer implements AutoCloseable {

	private final Server server;

	private final ManagedChannel channel;

	private TestServer(List<ServerServiceDefinition> services) throws IOException {
		String name = UUID.randomUUID().toString();
		this.server = InProcessServerBuilder.forName(name).directExecutor().addServices(services).build().start();
		this.channel = InProcessChannelBuilder.forName(name).directExecutor().build();
	}

	static TestServer of(BindableService... services) throws IOException {
		return new TestServer(List.of(services).stream().map(BindableService::bindService).toList());
	}

	static TestServer of(List<ServerServiceDefinition> services) throws IOException {
		return new TestServer(services);
	}

	ManagedChannel channel() {
		return this.channel;
	}

	@Override
	public void close() throws InterruptedException {
		this.channel.shutdownNow();
		this.server.shutdownNow();
		this.channel.awaitTermination(10, TimeUnit.SECONDS);
		this.server.awaitTermination(10, TimeUnit.SECONDS);
	}

}
