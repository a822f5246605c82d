package dev.pluggable.internal.transport;

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
