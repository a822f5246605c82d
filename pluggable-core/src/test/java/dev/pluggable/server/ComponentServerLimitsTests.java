package dev.pluggable.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import dev.pluggable.fixtures.LogCapture;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the limits of {@link ComponentServer}.
 */
class ComponentServerLimitsTests {

	private static final MethodDescriptor<byte[], byte[]> RAW = MethodDescriptor
		.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
		.setType(MethodDescriptor.MethodType.UNARY)
		.setFullMethodName("dapr.proto.components.v1.OutputBinding/Init")
		.build();

	@TempDir
	Path folder;

	private ComponentServer.Builder server() {
		return ComponentServer.builder(this.folder.resolve("x.sock"))
			.serve(EchoKind.INSTANCE, (name, metadata) -> (text) -> text);
	}

	@Test
	void whenThereAreTooManyConnectionsThenFurtherOnesAreClosed() throws IOException {
		try (ComponentServer server = server().maxConnections(3).start()) {
			List<SocketChannel> channels = new ArrayList<>();
			try {
				for (int i = 0; i < 10; i++) {
					SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
					channels.add(channel);
					channel.connect(UnixDomainSocketAddress.of(server.socket()));
				}
				for (SocketChannel channel : channels.subList(3, 10)) {
					assertThat(read(channel)).isEqualTo(-1);
				}
			}
			finally {
				for (SocketChannel channel : channels) {
					channel.close();
				}
			}
			Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
				try (EchoClient client = new EchoClient(server.socket())) {
					client.init("", Map.of());
				}
			});
		}
	}

	private static int read(SocketChannel channel) {
		try {
			int count = 1;
			while (count > 0) {
				count = channel.read(ByteBuffer.allocate(1000));
			}
			return count;
		}
		catch (IOException ex) {
			return -1;
		}
	}

	@Test
	@Timeout(60)
	void whenAConnectionHasNoCallThenItIsClosed() throws IOException {
		byte[] settings = { 0, 0, 0, 4, 0, 0, 0, 0, 0 };
		try (ComponentServer server = server().idleTimeout(Duration.ofSeconds(1)).start();
				SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			channel.connect(UnixDomainSocketAddress.of(server.socket()));
			channel.write(ByteBuffer.wrap("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
			channel.write(ByteBuffer.wrap(settings));
			assertThat(read(channel)).isEqualTo(-1);
		}
	}

	@Test
	void whenCallersBreakTheProtocolThenThereIsOneLineForEachKind() throws IOException {
		List<LogRecord> records = new CopyOnWriteArrayList<>();
		Handler handler = new Handler() {

			@Override
			public void publish(LogRecord event) {
				if (String.valueOf(event.getLoggerName()).matches("io[.]grpc[.].*(Server|SerializingExecutor).*")
						&& event.getThrown() != null) {
					records.add(event);
				}
			}

			@Override
			public void flush() {
			}

			@Override
			public void close() {
			}

		};
		Logger root = Logger.getLogger("");
		root.addHandler(handler);
		try (LogCapture log = new LogCapture(); ComponentServer server = server().start()) {
			for (int i = 0; i < 100; i++) {
				try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
					channel.connect(UnixDomainSocketAddress.of(server.socket()));
					channel.write(ByteBuffer
						.wrap("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
					assertThat(read(channel)).isEqualTo(-1);
				}
			}
			try (EchoClient client = new EchoClient(server.socket())) {
				for (int i = 0; i < 20; i++) {
					assertThatExceptionOfType(StatusRuntimeException.class)
						.isThrownBy(() -> ClientCalls.blockingUnaryCall(client.channel(), RAW, CallOptions.DEFAULT,
								new byte[] { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 }));
					assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> ClientCalls
						.blockingUnaryCall(client.channel(), RAW, CallOptions.DEFAULT, new byte[5_000_000]));
				}
				client.init("", Map.of());
			}
			assertThat(records).isEmpty();
			// One line for each kind: broken connections, and two kinds of requests.
			assertThat(log.text().lines().filter((line) -> line.startsWith("WARN"))).hasSizeLessThanOrEqualTo(3);
		}
		finally {
			root.removeHandler(handler);
		}
	}

	/**
	 * Sends bytes as they are.
	 */
	private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

		@Override
		public InputStream stream(byte[] value) {
			return new ByteArrayInputStream(value);
		}

		@Override
		public byte[] parse(InputStream stream) {
			return new byte[0];
		}

	}

}
