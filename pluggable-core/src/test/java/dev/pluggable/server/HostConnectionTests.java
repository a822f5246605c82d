package dev.pluggable.server;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.Connections;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests for {@link HostConnection}.
 */
@Timeout(60)
class HostConnectionTests {

	@Test
	void whenAConnectionEndsBeforeItSpeaksGrpcThenItIsNotCounted(@TempDir Path folder) throws Exception {
		Path socket = folder.resolve("x.sock");
		HostConnection.Filter connections = new HostConnection.Filter();
		try (Transport transport = Transport.create(TransportType.AUTO)) {
			Server server = transport.server(socket)
				.addTransportFilter(connections)
				.addService(new HealthStatusManager().getHealthService())
				.build()
				.start();
			for (int i = 0; i < 3; i++) {
				junk(socket);
			}
			ManagedChannel channel = Connections.to(socket, transport);
			HealthGrpc.newBlockingStub(channel)
				.withDeadlineAfter(30, TimeUnit.SECONDS)
				.check(HealthCheckRequest.getDefaultInstance());
			Awaitility.await().until(() -> connections.open() == 1);
			channel.shutdownNow();
			Awaitility.await().until(() -> connections.open() == 0);
			server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		}
	}

	private static void junk(Path socket) throws Exception {
		try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.connect(UnixDomainSocketAddress.of(socket));
			channel.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
		}
	}

}
