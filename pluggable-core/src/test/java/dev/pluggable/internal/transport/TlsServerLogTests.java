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
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import dev.pluggable.fixtures.Connections;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.fixtures.PluginSideCertificate;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.internal.supervisor.PluginCertificate;
import dev.pluggable.transport.TransportType;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link ServerLog} with servers that use TLS.
 */
@Timeout(120)
class TlsServerLogTests {

	private static final int CALLERS = 30;

	private static final MethodDescriptor<String, String> CHECK = Texts.unary(HealthGrpc.SERVICE_NAME, "Check");

	@TempDir
	Path folder;

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final Records records = new Records();

	private final Logger root = Logger.getLogger("");

	private final LogCapture log = new LogCapture();

	private SslContext caller;

	private Server server;

	@BeforeEach
	void serve() throws Exception {
		this.root.addHandler(this.records);
		PluginCertificate own = PluginCertificate.create();
		PluginSideCertificate other = PluginSideCertificate.trusting(own.pem());
		this.caller = other.client();
		this.server = this.transport.server(socket())
			.sslContext(own.server(other.der()))
			.maxInboundMessageSize(1000)
			.addService(new Health())
			.build()
			.start();
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		this.transport.close();
		this.log.close();
		this.root.removeHandler(this.records);
	}

	@Test
	void whenCallersSpeakNoTlsThenOneLineAndNoStackTrace() throws Exception {
		for (int i = 0; i < CALLERS; i++) {
			send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			send("junk".repeat(500).getBytes(StandardCharsets.US_ASCII));
			send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		}
		verify("A caller failed to begin TLS with the server on " + socket() + ": the caller does not speak TLS");
	}

	@Test
	void whenHandshakesBreakOffThenThereIsNoLine() throws Exception {
		for (int i = 0; i < CALLERS; i++) {
			// The beginning of a ClientHello, and one with an impossible length.
			sendAndClose(new byte[] { 22, 3, 1, 2, 0, 1, 0, 1, (byte) 252, 3, 3 });
			sendAndClose(new byte[] { 22, 3, 1, (byte) 255, (byte) 255, 1, 2, 3 });
			sendAndClose(new byte[0]);
		}
		verify();
	}

	@Test
	void whenCallersHaveNoCertificateThenOneLineAndNoStackTrace() throws Exception {
		SslContext stranger = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
			.trustManager(InsecureTrustManagerFactory.INSTANCE)
			.build();
		for (int i = 0; i < CALLERS; i++) {
			assertThat(call(stranger, "x").getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		}
		// Some JDKs put the name of the alert before the text.
		verify("Empty client certificate chain");
	}

	@Test
	void whenRequestsAreMalformedThenOneLineAndNoStackTrace() throws Exception {
		for (int i = 0; i < CALLERS; i++) {
			assertThat(call(this.caller, "\u0001\u0002\u0003").getCode()).isNotEqualTo(Status.Code.OK);
			assertThat(call(this.caller, "x".repeat(5000)).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
		}
		verify("Invalid protobuf byte sequence",
				"gRPC message exceeds maximum size 1000: 5000. 'pluggable.plugins.<name>.max-inbound-message-size' sets");
	}

	/**
	 * Verify what was logged. Other tests of this minute may have used the one line of a
	 * kind, and the lines are of debug level then.
	 */
	private void verify(String... texts) {
		assertThat(this.records.published).isEmpty();
		assertThat(this.log.text().lines().filter((line) -> line.startsWith("WARN")).toList())
			.hasSizeLessThanOrEqualTo(texts.length);
		for (String text : texts) {
			await().untilAsserted(() -> assertThat(this.log.text()).contains(text));
		}
	}

	private Path socket() {
		return this.folder.resolve("x.sock");
	}

	private Status call(SslContext tls, String request) throws InterruptedException {
		ManagedChannel channel = Connections.to(socket(), this.transport, tls);
		try {
			return catchThrowableOfType(StatusRuntimeException.class, () -> ClientCalls.blockingUnaryCall(channel,
					CHECK, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), request))
				.getStatus();
		}
		finally {
			channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
		}
	}

	private void sendAndClose(byte[] bytes) throws IOException {
		try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
			channel.write(ByteBuffer.wrap(bytes));
		}
	}

	/**
	 * Send bytes, and wait until the server has ended the connection.
	 */
	private void send(byte[] bytes) throws IOException {
		try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
			ByteBuffer buffer = ByteBuffer.allocate(1024);
			try {
				channel.write(ByteBuffer.wrap(bytes));
				while (channel.read(buffer) >= 0) {
					buffer.clear();
				}
			}
			catch (IOException ex) {
				// The server has ended the connection.
			}
		}
	}

	private static final class Health extends HealthGrpc.HealthImplBase {

		@Override
		public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
			observer.onNext(HealthCheckResponse.getDefaultInstance());
			observer.onCompleted();
		}

	}

	private static final class Records extends Handler {

		private final List<String> published = new CopyOnWriteArrayList<>();

		@Override
		public void publish(LogRecord event) {
			if (event.getLevel().intValue() >= Level.INFO.intValue()) {
				this.published.add(event.getLevel() + " " + event.getLoggerName() + " " + event.getMessage() + " "
						+ event.getThrown());
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
