package dev.pluggable.internal.transport;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.Collected;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetResponse;
import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.TransportType;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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

	@ParameterizedTest
	@CsvSource({ "AUTO, false", "AUTO, true", "NIO, false", "NIO, true" })
	void whenAWriteFailsAfterTheServerHasClosedInPeaceThenItsLastAnswerIsRead(TransportType type, boolean streaming)
			throws Exception {
		Path socket = this.folder.resolve("last");
		Collected<GreetResponse> answers = new Collected<>();
		GreetRequest request = GreetRequest.newBuilder().setName("Ada").build();
		try (Transport transport = Transport.create(type); FrameServer server = new FrameServer(socket)) {
			Events held = new Events();
			held.gate = new CountDownLatch(1);
			ManagedChannel channel = transport.connect(UnixDomainSocketAddress.of(socket), null,
					PeerPolicy.allowing(Set.of()), held, (builder) -> {
					});
			GreeterGrpc.GreeterStub stub = GreeterGrpc.newStub(channel);
			Future<?> asked = this.threads.submit(server::accept);
			StreamObserver<GreetRequest> requests = null;
			if (streaming) {
				requests = stub.greetEach(answers);
				requests.onNext(request);
			}
			else {
				stub.greet(request, answers);
			}
			asked.get(30, TimeUnit.SECONDS);
			if (streaming) {
				server.goAway();
			}
			else {
				// The event loop answers the ping.
				server.goAwayAndPing();
			}
			assertThat(this.events.poll(30, TimeUnit.SECONDS)).isEqualTo("going away");
			// The event loop is held, so it has read nothing of this answer before it
			// writes.
			server.answerAndClose(GreetResponse.newBuilder().setGreeting("Hello, Ada").build().toByteArray());
			if (requests != null) {
				requests.onNext(request);
			}
			held.gate.countDown();
			assertThat(answers.await()).extracting(GreetResponse::getGreeting).containsExactly("Hello, Ada");
			channel.shutdownNow();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "AUTO", "NIO" })
	void whenTheServerReadsNoMoreButStaysConnectedThenTheConnectionEnds(TransportType type) throws Exception {
		Path socket = this.folder.resolve("deaf");
		try (Transport transport = Transport.create(type); FrameServer server = new FrameServer(socket)) {
			ManagedChannel channel = transport.connect(UnixDomainSocketAddress.of(socket), null,
					PeerPolicy.allowing(Set.of()), new Events(), (builder) -> {
					});
			GreeterGrpc.GreeterStub stub = GreeterGrpc.newStub(channel);
			Future<?> asked = this.threads.submit(server::accept);
			Collected<GreetResponse> unanswered = new Collected<>();
			stub.greet(GreetRequest.getDefaultInstance(), unanswered);
			asked.get(30, TimeUnit.SECONDS);
			server.readNoMore();
			Collected<GreetResponse> unsent = new Collected<>();
			stub.greet(GreetRequest.getDefaultInstance(), unsent);
			assertThat(this.events.poll(30, TimeUnit.SECONDS)).isEqualTo("closed");
			for (Collected<GreetResponse> call : List.of(unanswered, unsent)) {
				assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(call::await)
					.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
			}
			channel.shutdownNow();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "AUTO", "NIO" })
	void whenTheServerEndsInPeaceButStaysConnectedWithoutReadingThenTheCallEnds(TransportType type) throws Exception {
		Path socket = this.folder.resolve("mute");
		try (Transport transport = Transport.create(type); FrameServer server = new FrameServer(socket)) {
			ManagedChannel channel = transport.connect(UnixDomainSocketAddress.of(socket), null,
					PeerPolicy.allowing(Set.of()), new Events(), (builder) -> {
					});
			Future<?> asked = this.threads.submit(server::accept);
			Collected<GreetResponse> answers = new Collected<>();
			StreamObserver<GreetRequest> requests = GreeterGrpc.newStub(channel).greetEach(answers);
			requests.onNext(GreetRequest.getDefaultInstance());
			asked.get(30, TimeUnit.SECONDS);
			server.goAway();
			assertThat(this.events.poll(30, TimeUnit.SECONDS)).isEqualTo("going away");
			server.readNoMore();
			requests.onNext(GreetRequest.getDefaultInstance());
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(answers::await)
				.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
			channel.shutdownNow();
		}
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

		/** Holds the event loop when the server announces the end. */
		private @Nullable CountDownLatch gate;

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
			CountDownLatch gate = this.gate;
			try {
				assertThat(gate == null || gate.await(30, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
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

	/**
	 * A server of HTTP/2 for one call on one connection, which decides when each frame is
	 * written.
	 */
	private static final class FrameServer implements AutoCloseable {

		private static final int DATA = 0;

		private static final int HEADERS = 1;

		private static final int SETTINGS = 4;

		private static final int PING = 6;

		private static final int GO_AWAY = 7;

		/** Also the flag of a confirmation. */
		private static final int END_STREAM = 1;

		private static final int END_HEADERS = 4;

		/** The first stream of grpc-java. */
		private static final int STREAM = 3;

		private static final byte STATUS_200 = (byte) 0x88;

		private static final int PREFACE_SIZE = 24;

		private static final int FRAME_HEADER_SIZE = 9;

		private final ServerSocketChannel listener;

		private @Nullable SocketChannel connection;

		FrameServer(Path socket) throws IOException {
			this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
			this.listener.bind(UnixDomainSocketAddress.of(socket));
		}

		/**
		 * Accept a connection, and read all that the client sends with its first message.
		 */
		Void accept() throws IOException {
			SocketChannel connection = this.listener.accept();
			this.connection = connection;
			write(frame(SETTINGS, 0, 0));
			read(connection, PREFACE_SIZE);
			boolean confirmed = false;
			boolean message = false;
			while (!confirmed || !message) {
				ByteBuffer header = read(connection, FRAME_HEADER_SIZE);
				int length = header.getInt() >>> Byte.SIZE;
				int type = header.get(Integer.BYTES - 1);
				int flags = header.get();
				read(connection, length);
				confirmed |= type == SETTINGS && flags == END_STREAM;
				message |= type == DATA;
			}
			return null;
		}

		void goAway() throws IOException {
			write(frame(GO_AWAY, 0, 0, 0, 0, 0, STREAM, 0, 0, 0, 0));
		}

		void goAwayAndPing() throws IOException {
			write(frame(GO_AWAY, 0, 0, 0, 0, 0, STREAM, 0, 0, 0, 0), frame(PING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
		}

		void answerAndClose(byte[] message) throws IOException {
			ByteBuffer data = ByteBuffer.allocate(1 + Integer.BYTES + message.length)
				.put((byte) 0)
				.putInt(message.length)
				.put(message);
			write(frame(HEADERS, END_HEADERS, STREAM, headers(true, "content-type", "application/grpc")),
					frame(DATA, 0, STREAM, data.array()),
					frame(HEADERS, END_HEADERS | END_STREAM, STREAM, headers(false, "grpc-status", "0")));
			this.connection.close();
		}

		void readNoMore() throws IOException {
			this.connection.shutdownInput();
		}

		private static byte[] headers(boolean first, String name, String value) {
			ByteArrayOutputStream headers = new ByteArrayOutputStream();
			if (first) {
				headers.write(STATUS_200);
			}
			// A literal that the table does not hold.
			headers.write(0);
			for (String text : List.of(name, value)) {
				headers.write(text.length());
				headers.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
			}
			return headers.toByteArray();
		}

		private static ByteBuffer frame(int type, int flags, int stream, int... payload) {
			byte[] bytes = new byte[payload.length];
			for (int i = 0; i < payload.length; i++) {
				bytes[i] = (byte) payload[i];
			}
			return frame(type, flags, stream, bytes);
		}

		private static ByteBuffer frame(int type, int flags, int stream, byte[] payload) {
			return ByteBuffer.allocate(FRAME_HEADER_SIZE + payload.length)
				.putInt((payload.length << Byte.SIZE) | type)
				.put((byte) flags)
				.putInt(stream)
				.put(payload)
				.flip();
		}

		private void write(ByteBuffer... frames) throws IOException {
			// All frames are in one write, and the client reads them at once.
			int size = 0;
			for (ByteBuffer frame : frames) {
				size += frame.remaining();
			}
			ByteBuffer all = ByteBuffer.allocate(size);
			for (ByteBuffer frame : frames) {
				all.put(frame);
			}
			this.connection.write(all.flip());
		}

		private static ByteBuffer read(SocketChannel connection, int size) throws IOException {
			ByteBuffer bytes = ByteBuffer.allocate(size);
			while (bytes.hasRemaining()) {
				if (connection.read(bytes) < 0) {
					throw new EOFException();
				}
			}
			return bytes.flip();
		}

		@Override
		public void close() throws IOException {
			this.listener.close();
			if (this.connection != null) {
				this.connection.close();
			}
		}

	}

}
