package dev.pluggable.internal.transport;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import dev.pluggable.fixtures.Connections;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.transport.TransportType;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ServerLog}.
 */
@Timeout(60)
class ServerLogTests {

	@Test
	void whenTheMethodOfAServiceThrowsAStatusThenThatIsLoggedAndNoFaultOfTheCaller(@TempDir Path folder)
			throws Exception {
		Records records = new Records();
		Logger root = Logger.getLogger("");
		root.addHandler(records);
		try (LogCapture log = new LogCapture(); Transport transport = Transport.create(TransportType.AUTO)) {
			Server server = transport.server(folder.resolve("x.sock")).addService(new Throwing()).build().start();
			ManagedChannel channel = Connections.to(folder.resolve("x.sock"), transport);
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> HealthGrpc.newBlockingStub(channel)
				.withDeadlineAfter(30, TimeUnit.SECONDS)
				.check(HealthCheckRequest.getDefaultInstance()));
			Awaitility.await().until(() -> records.thrown.stream().anyMatch(StatusRuntimeException.class::isInstance));
			assertThat(log.text()).doesNotContain("malformed request");
			channel.shutdownNow();
			server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		}
		finally {
			root.removeHandler(records);
		}
	}

	@Test
	void whenHeadersHaveNoPathThenOneLineAndNoStackTrace(@TempDir Path folder) throws Exception {
		Records records = new Records();
		Logger root = Logger.getLogger("");
		root.addHandler(records);
		try (LogCapture log = new LogCapture(); Transport transport = Transport.create(TransportType.AUTO)) {
			Server server = transport.server(folder.resolve("x.sock")).addService(new Throwing()).build().start();
			for (int i = 0; i < 20; i++) {
				sendPostWithEmptyPath(folder.resolve("x.sock"));
			}
			server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
			assertThat(log.text().lines().filter((line) -> line.startsWith("WARN")).toList()).singleElement()
				.asString()
				.contains("A caller sent a malformed request to a server", "index: 0");
		}
		finally {
			root.removeHandler(records);
		}
		assertThat(records.thrown).isEmpty();
	}

	/**
	 * Send an HTTP/2 request whose path is empty, and wait until the server has ended the
	 * connection, or has answered a ping that follows.
	 */
	private static void sendPostWithEmptyPath(Path socket) throws IOException {
		ByteBuffer request = ByteBuffer.allocate(200);
		request.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		request.put(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });
		// POST, http, and an empty path
		request.put(new byte[] { 0, 0, 4, 1, 5, 0, 0, 0, 1, (byte) 0x83, (byte) 0x86, 0x04, 0x00 });
		// a settings acknowledgement, and a ping with eight bytes
		request.put(new byte[] { 0, 0, 0, 4, 1, 0, 0, 0, 0 });
		request.put(new byte[] { 0, 0, 8, 6, 0, 0, 0, 0, 0, 'p', 'i', 'n', 'g', 'p', 'i', 'n', 'g' });
		try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
			channel.write(request.flip());
			StringBuilder answer = new StringBuilder();
			ByteBuffer buffer = ByteBuffer.allocate(1024);
			while (!answer.toString().contains("pingping") && channel.read(buffer) >= 0) {
				buffer.flip();
				answer.append(StandardCharsets.ISO_8859_1.decode(buffer));
				buffer.clear();
			}
		}
	}

	private static final class Throwing extends HealthGrpc.HealthImplBase {

		@Override
		public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
			throw Status.FAILED_PRECONDITION.asRuntimeException();
		}

	}

	private static final class Records extends Handler {

		private final List<Throwable> thrown = new CopyOnWriteArrayList<>();

		@Override
		public void publish(LogRecord event) {
			if (event.getThrown() != null) {
				this.thrown.add(event.getThrown());
			}
		}

		@Override
		public void flush() {
		}

		@Override
		public void close() {
		}

	}

}
