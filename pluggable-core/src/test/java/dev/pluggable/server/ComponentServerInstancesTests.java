package dev.pluggable.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.pluggable.Draining;
import dev.pluggable.InvalidRequestException;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for the instances of a {@link ComponentServer}: instances that the application
 * owns, instances that can be drained, and calls that reach an instance while the server
 * closes.
 */
@Timeout(60)
class ComponentServerInstancesTests {

	private final Path folder;

	ComponentServerInstancesTests(@TempDir Path folder) {
		this.folder = folder;
	}

	private ComponentServer.Builder server() {
		return ComponentServer.inFolder(this.folder, "x");
	}

	@Test
	void whenAHostDoesNotRepeatInitAfterARestartThenASingletonAnswers() {
		DrainableEcho echo = new DrainableEcho(CompletableFuture.completedFuture(null));
		try (ComponentServer server = server().serveInstance(EchoKind.INSTANCE, echo).start();
				EchoClient client = new EchoClient(server.socket())) {
			assertThat(client.say("one", "!")).isEqualTo("!");
			assertThat(client.say("", "?")).isEqualTo("?");
			assertThat(server.instances().get("echo")).isEmpty();
		}
	}

	@Test
	void whenAHostDoesNotRepeatInitAfterARestartThenAFactoryUsesTheMetadataOfTheServer() {
		try (ComponentServer server = server()
			.serve(EchoKind.INSTANCE, (name, metadata) -> (text) -> name + metadata + text)
			.instance("one", Map.of("k", "v"))
			.start(); EchoClient client = new EchoClient(server.socket())) {
			assertThat(client.say("one", "!")).isEqualTo("one{k=v}!");
			assertThat(client.say("", "!")).isEqualTo("{k=v}!");
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> client.say("two", "!"))
				.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION))
				.withMessageContaining("Init must come before any other call");
			client.init("one", Map.of("k", "w"));
			assertThat(client.say("one", "!")).isEqualTo("one{k=w}!");
		}
	}

	@Test
	void whenAFactoryRefusesTheMetadataOfTheServerThenTheCallSaysSo() {
		try (ComponentServer server = server().serve(EchoKind.INSTANCE, (name, metadata) -> {
			throw new InvalidRequestException("no such k");
		}).instance("one", Map.of("k", "v")).start(); EchoClient client = new EchoClient(server.socket())) {
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> client.say("one", "!"))
				.withMessage("INVALID_ARGUMENT: no such k");
		}
	}

	@Test
	void whenInstanceIsBorrowedThenAllComponentsShareItAndItIsNotClosed() {
		DrainableEcho echo = new DrainableEcho(CompletableFuture.completedFuture(null));
		try (ComponentServer server = server().serveInstance(EchoKind.INSTANCE, echo).start();
				EchoClient client = new EchoClient(server.socket())) {
			client.init("one", Map.of("k", "1"));
			client.init("one", Map.of("k", "2"));
			client.init("two", Map.of());
			assertThat(client.say("one", "!")).isEqualTo("!");
			assertThat(client.say("two", "?")).isEqualTo("?");
			assertThat(server.instances()).containsExactly(Map.entry("echo", Set.of("one", "two")));
		}
		assertThat(echo.said).hasValue(2);
		assertThat(echo.drained).hasValue(1);
		assertThat(echo.closed).hasValue(0);
	}

	@Test
	void whenKindIsServedByAnInstanceThenNotByAFactoryToo() {
		Echo echo = (text) -> text;
		assertThatIllegalArgumentException().isThrownBy(
				() -> server().serveInstance(EchoKind.INSTANCE, echo).serve(EchoKind.INSTANCE, (name, data) -> echo))
			.withMessageContaining("served on this socket already");
	}

	@Test
	void whenInstanceDrainsThenItsCallersAreServedUntilItIsDone() throws Exception {
		CompletableFuture<Void> drained = new CompletableFuture<>();
		DrainableEcho echo = new DrainableEcho(drained);
		ComponentServer server = server().serve(EchoKind.INSTANCE, (name, metadata) -> echo)
			.shutdownTimeout(Duration.ofHours(1))
			.start();
		Thread closing = new Thread(server::close, "closing");
		try (EchoClient client = new EchoClient(server.socket())) {
			client.init("", Map.of());
			closing.start();
			assertThat(echo.draining.await(20, TimeUnit.SECONDS)).isTrue();
			assertThat(echo.grace.get()).isEqualTo(Duration.ofHours(1));
			assertThat(echo.closed).hasValue(0);
			assertThat(server.isReachable()).isFalse();
			drained.complete(null);
			closing.join(TimeUnit.SECONDS.toMillis(20));
			assertThat(closing.isAlive()).isFalse();
			assertThat(echo.closed).hasValue(1);
		}
	}

	@Test
	void whenDrainingFailsOrNeverEndsThenTheServerEndsAllTheSame() {
		DrainableEcho failing = new DrainableEcho(CompletableFuture.failedFuture(new IOException("broken")));
		DrainableEcho throwing = new DrainableEcho(null);
		DrainableEcho endless = new DrainableEcho(new CompletableFuture<>());
		ComponentServer server = server().serve(EchoKind.INSTANCE, (name, metadata) -> switch (name) {
			case "failing" -> failing;
			case "throwing" -> throwing;
			default -> endless;
		}).shutdownTimeout(Duration.ofMillis(200)).start();
		try (EchoClient client = new EchoClient(server.socket())) {
			List.of("failing", "throwing", "endless").forEach((name) -> client.init(name, Map.of()));
			server.close();
		}
		assertThat(List.of(failing, throwing, endless)).allSatisfy((echo) -> {
			assertThat(echo.drained).hasValue(1);
			assertThat(echo.closed).hasValue(1);
		});
	}

	@Test
	void whenCallsAreInterceptedThenInOrderAndNotThoseForHealth() {
		List<String> seen = new CopyOnWriteArrayList<>();
		try (ComponentServer server = server().serve(EchoKind.INSTANCE, (name, metadata) -> (text) -> text)
			.intercept(new Recording("outer", seen))
			.intercept(new Recording("inner", seen))
			.start(); EchoClient client = new EchoClient(server.socket())) {
			client.init("", Map.of());
			HealthGrpc.newBlockingStub(client.channel())
				.withDeadlineAfter(20, TimeUnit.SECONDS)
				.check(HealthCheckRequest.getDefaultInstance());
			String init = EchoKind.SERVICE + "/Init";
			assertThat(seen).containsExactly("outer " + init, "inner " + init);
		}
	}

	@Test
	void whenSocketIsDeletedThenNotReachable() throws Exception {
		try (ComponentServer server = server().serve(EchoKind.INSTANCE, (name, metadata) -> (text) -> text).start()) {
			assertThat(server.isReachable()).isTrue();
			Files.delete(server.socket());
			assertThat(server.isReachable()).isFalse();
			Files.createFile(server.socket());
			assertThat(server.isReachable()).isFalse();
		}
	}

	private record Recording(String name, List<String> seen) implements ServerInterceptor {

		@Override
		public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
				ServerCallHandler<Q, R> next) {
			this.seen.add(this.name + " " + call.getMethodDescriptor().getFullMethodName());
			return next.startCall(call, headers);
		}

	}

	private static final class DrainableEcho implements Echo, Draining, AutoCloseable {

		final AtomicInteger said = new AtomicInteger();

		final AtomicInteger drained = new AtomicInteger();

		final AtomicInteger closed = new AtomicInteger();

		final AtomicReference<Duration> grace = new AtomicReference<>();

		final CountDownLatch draining = new CountDownLatch(1);

		private final @Nullable CompletionStage<?> end;

		DrainableEcho(@Nullable CompletionStage<?> end) {
			this.end = end;
		}

		@Override
		public String say(String text) {
			this.said.incrementAndGet();
			return text;
		}

		@Override
		public CompletionStage<?> drain(Duration grace) {
			this.grace.set(grace);
			this.drained.incrementAndGet();
			this.draining.countDown();
			if (this.end == null) {
				throw new IllegalStateException("broken");
			}
			return this.end;
		}

		@Override
		public void close() {
			this.closed.incrementAndGet();
		}

	}

}
