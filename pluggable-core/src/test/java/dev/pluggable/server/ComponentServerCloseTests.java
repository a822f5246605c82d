package dev.pluggable.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import dev.pluggable.proto.components.v1.BindingsProto.ReadRequest;
import dev.pluggable.proto.components.v1.BindingsProto.ReadResponse;
import dev.pluggable.proto.components.v1.InputBindingGrpc;
import dev.pluggable.transport.TransportType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for closing a {@link ComponentServer}.
 */
@Timeout(60)
class ComponentServerCloseTests {

	private final Path folder;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	ComponentServerCloseTests(@TempDir Path folder) {
		this.folder = folder;
	}

	@AfterEach
	void endThreads() {
		this.threads.shutdownNow();
	}

	private ComponentServer.Builder server(Echo echo) {
		return ComponentServer.inFolder(this.folder, "x").serve(EchoKind.INSTANCE, (name, metadata) -> echo);
	}

	@Test
	void closesInstancesOnce() {
		CloseableEcho one = new CloseableEcho();
		CloseableEcho two = new CloseableEcho();
		ComponentServer server = ComponentServer.inFolder(this.folder, "x")
			.serve(EchoKind.INSTANCE, (name, metadata) -> name.equals("one") ? one : two)
			.start();
		try (EchoClient client = new EchoClient(server.socket())) {
			client.init("one", Map.of());
			client.init("two", Map.of());
			server.close();
			server.close();
			assertThat(one.closed).hasValue(1);
			assertThat(two.closed).hasValue(1);
		}
	}

	@Test
	void callInProgressEnds() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		ComponentServer server = server((text) -> {
			entered.countDown();
			release.await();
			return text;
		}).start();
		try (EchoClient client = new EchoClient(server.socket())) {
			client.init("", Map.of());
			Future<String> call = this.threads.submit(() -> client.say("", "!"));
			assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
			Future<?> close = this.threads.submit(server::close);
			Awaitility.await().until(() -> Files.notExists(server.socket()));
			release.countDown();
			assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("!");
			close.get(20, TimeUnit.SECONDS);
		}
	}

	@Test
	void whenTimeoutPassesThenCallIsCancelledAndHandlerInterrupted() throws Exception {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		ComponentServer server = server((text) -> {
			entered.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
			return text;
		}).shutdownTimeout(Duration.ofMillis(100)).start();
		try (EchoClient client = new EchoClient(server.socket())) {
			client.init("", Map.of());
			Future<String> call = this.threads.submit(() -> client.say("", "!"));
			assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
			server.close();
			assertThat(interrupted.getCount()).isZero();
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> call.get(20, TimeUnit.SECONDS))
				.havingCause()
				.isInstanceOfSatisfying(StatusRuntimeException.class,
						(ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
		}
	}

	@Test
	void subscriptionsDoNotDelayAndEndUnavailable() throws Exception {
		ComponentServer server = server((text) -> text).shutdownTimeout(Duration.ofHours(1)).start();
		try (EchoClient client = new EchoClient(server.socket())) {
			Received<ReadResponse> events = new Received<>();
			StreamObserver<ReadRequest> requests = InputBindingGrpc.newStub(client.channel()).read(events);
			Received<HealthCheckResponse> health = new Received<>();
			HealthGrpc.newStub(client.channel()).watch(HealthCheckRequest.getDefaultInstance(), health);
			Awaitility.await().until(() -> events.count.get() == 1 && health.count.get() == 1);
			assertThat(requests).isNotNull();
			server.close();
			Awaitility.await().until(() -> events.end.getCount() == 0 && health.end.getCount() == 0);
			assertThat(events.code).isEqualTo(Status.Code.UNAVAILABLE);
			assertThat(health.code).isEqualTo(Status.Code.UNAVAILABLE);
			assertThat(health.last).isNotNull()
				.satisfies((last) -> assertThat(last.getStatus()).isEqualTo(ServingStatus.NOT_SERVING));
		}
	}

	@Test
	void awaitTerminationWaitsForClose() throws Exception {
		ComponentServer server = server((text) -> text).start();
		Future<?> wait = this.threads.submit(() -> {
			server.awaitTermination();
			return null;
		});
		assertThat(wait).isNotDone();
		server.close();
		wait.get(20, TimeUnit.SECONDS);
	}

	@Test
	void whenInstanceClosesServerThenNoDeadlock() throws Exception {
		ComponentServer[] server = new ComponentServer[1];
		AtomicInteger closes = new AtomicInteger();
		server[0] = ComponentServer.inFolder(this.folder, "x")
			.serve(EchoKind.INSTANCE, (name, metadata) -> new CloseableEcho() {

				@Override
				public void close() {
					closes.incrementAndGet();
					server[0].close();
				}

			})
			.start();
		try (EchoClient client = new EchoClient(server[0].socket())) {
			client.init("", Map.of());
			Instant begun = Instant.now();
			server[0].close();
			assertThat(Duration.between(begun, Instant.now())).as("waits for itself")
				.isLessThan(Duration.ofSeconds(10));
		}
		assertThat(closes).hasValue(1);
	}

	@ParameterizedTest
	@EnumSource(names = { "AUTO", "NIO" })
	void nothingLeaks(TransportType type) throws IOException {
		cycle(type);
		Awaitility.await().until(() -> ourThreads().isEmpty());
		long sockets = openSockets();
		for (int i = 0; i < 5; i++) {
			cycle(type);
		}
		Awaitility.await().untilAsserted(() -> {
			assertThat(ourThreads()).isEmpty();
			assertThat(openSockets()).isLessThanOrEqualTo(sockets);
		});
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void whenStartFailsThenNothingLeaks() throws IOException {
		Files.createDirectory(this.folder.resolve("x.sock"));
		long sockets = openSockets();
		assertThatExceptionOfType(ComponentServerException.class).isThrownBy(() -> server((text) -> text).start());
		Awaitility.await().untilAsserted(() -> {
			assertThat(ourThreads()).isEmpty();
			assertThat(openSockets()).isLessThanOrEqualTo(sockets);
		});
	}

	private void cycle(TransportType type) {
		try (ComponentServer server = server((text) -> text).transport(type).start();
				EchoClient client = new EchoClient(server.socket(), type)) {
			client.init("", Map.of());
			client.say("", "!");
		}
	}

	private static List<String> ourThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> name.startsWith("pluggable-"))
			.toList();
	}

	private static long openSockets() throws IOException {
		try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
			return descriptors.filter(ComponentServerCloseTests::isSocket).count();
		}
	}

	private static boolean isSocket(Path descriptor) {
		try {
			return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
		}
		catch (IOException | UncheckedIOException ex) {
			return false;
		}
	}

	static class CloseableEcho implements Echo, AutoCloseable {

		final AtomicInteger closed = new AtomicInteger();

		@Override
		public String say(String text) {
			return text;
		}

		@Override
		public void close() {
			this.closed.incrementAndGet();
		}

	}

	private static final class Received<T> implements StreamObserver<T> {

		final AtomicInteger count = new AtomicInteger();

		final CountDownLatch end = new CountDownLatch(1);

		volatile @Nullable T last;

		volatile Status.@Nullable Code code;

		@Override
		public void onNext(T value) {
			this.last = value;
			this.count.incrementAndGet();
		}

		@Override
		public void onError(Throwable failure) {
			this.code = Status.fromThrowable(failure).getCode();
			this.end.countDown();
		}

		@Override
		public void onCompleted() {
			this.code = Status.Code.OK;
			this.end.countDown();
		}

	}

}
