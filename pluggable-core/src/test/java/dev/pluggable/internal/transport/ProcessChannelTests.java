package dev.pluggable.internal.transport;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.TransportType;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ProcessChannel}.
 */
@Timeout(60)
class ProcessChannelTests {

	@TempDir
	Path folder;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();

	@AfterEach
	void close() {
		this.transport.close();
		this.threads.shutdownNow();
	}

	@Test
	void whenAServerThatStopsInOrderEndsANewConnectionUnseenThenCallsInFlightGoOn() throws Exception {
		HealthStatusManager health = new HealthStatusManager();
		Server server = this.transport.server(this.folder.resolve("real"))
			.maxConnectionAge(1, TimeUnit.SECONDS)
			.addService(health.getHealthService())
			.build()
			.start();
		try (ServerSocketChannel relay = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			relay.bind(UnixDomainSocketAddress.of(this.folder.resolve("relay")));
			this.threads.submit(() -> relayFirst(relay));
			ManagedChannel channel = this.transport.connect(UnixDomainSocketAddress.of(this.folder.resolve("relay")),
					null, PeerPolicy.allowing(Set.of()), new Events(), (builder) -> {
					});
			LinkedBlockingQueue<String> heard = watch(channel);
			assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("SERVING");
			assertThat(this.events.poll(30, TimeUnit.SECONDS)).isEqualTo("going away");
			assertThat(this.events.poll(30, TimeUnit.SECONDS)).isEqualTo("retired");
			health.setStatus("", HealthCheckResponse.ServingStatus.NOT_SERVING);
			assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("NOT_SERVING");
			channel.shutdownNow();
		}
		server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
	}

	private static LinkedBlockingQueue<String> watch(ManagedChannel channel) {
		LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
		HealthGrpc.newStub(channel)
			.watch(HealthCheckRequest.getDefaultInstance(), new StreamObserver<HealthCheckResponse>() {

				@Override
				public void onNext(HealthCheckResponse response) {
					heard.add(response.getStatus().name());
				}

				@Override
				public void onError(Throwable failure) {
					heard.add(Status.fromThrowable(failure).getCode().name());
				}

				@Override
				public void onCompleted() {
					heard.add("completed");
				}

			});
		return heard;
	}

	/**
	 * Connect the first client to the real server, and end further connections without an
	 * answer, as a system does with those that a server has not accepted before its end.
	 */
	private Void relayFirst(ServerSocketChannel relay) throws IOException {
		SocketChannel client = relay.accept();
		SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(this.folder.resolve("real")));
		this.threads.submit(() -> copy(client, server));
		this.threads.submit(() -> copy(server, client));
		while (true) {
			try (SocketChannel unseen = relay.accept()) {
				unseen.read(ByteBuffer.allocate(1));
			}
		}
	}

	private static Void copy(SocketChannel from, SocketChannel to) throws IOException {
		try (from; to) {
			ByteBuffer buffer = ByteBuffer.allocate(8192);
			while (from.read(buffer) >= 0) {
				buffer.flip();
				while (buffer.hasRemaining()) {
					to.write(buffer);
				}
				buffer.clear();
			}
		}
		return null;
	}

	private final class Events implements ConnectionListener {

		@Override
		public void connected(PeerCredentials peer) {
		}

		@Override
		public void refused(String reason) {
			ProcessChannelTests.this.events.add("refused");
		}

		@Override
		public void goingAway() {
			ProcessChannelTests.this.events.add("going away");
		}

		@Override
		public void renewed() {
			ProcessChannelTests.this.events.add("renewed");
		}

		@Override
		public void closed() {
			ProcessChannelTests.this.events.add("closed");
		}

		@Override
		public void retired() {
			ProcessChannelTests.this.events.add("retired");
		}

	}

}
