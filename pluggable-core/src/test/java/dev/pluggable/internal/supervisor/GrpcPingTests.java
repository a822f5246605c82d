package dev.pluggable.internal.supervisor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.PluginEnd;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link GrpcPing}.
 */
class GrpcPingTests {

	private static final Duration LONG = Duration.ofMinutes(5);

	@TempDir
	Path folder;

	@Test
	void whenThePluginAnswersThenItIsAliveWhateverItSays() throws Exception {
		HealthStatusManager health = new HealthStatusManager();
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"), health.getHealthService())) {
			assertThat(ask(end, GrpcPing.SERVER, LONG)).isEqualTo(new GrpcPing(GrpcPing.Outcome.ANSWERED, "SERVING"));
			assertThat(ask(end, GrpcPing.GO_PLUGIN, LONG))
				.isEqualTo(new GrpcPing(GrpcPing.Outcome.ANSWERED, "NOT_FOUND"));
			health.setStatus("plugin", ServingStatus.NOT_SERVING);
			assertThat(ask(end, GrpcPing.GO_PLUGIN, LONG))
				.isEqualTo(new GrpcPing(GrpcPing.Outcome.ANSWERED, "NOT_SERVING"));
		}
	}

	@Test
	void whenThePluginHasNoHealthThenItIsAlive() throws Exception {
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"))) {
			assertThat(ask(end, GrpcPing.GO_PLUGIN, LONG))
				.isEqualTo(new GrpcPing(GrpcPing.Outcome.ANSWERED, "UNIMPLEMENTED"));
		}
	}

	@ParameterizedTest
	@EnumSource(value = Status.Code.class, mode = EnumSource.Mode.EXCLUDE,
			names = { "OK", "UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED" })
	void whenThePluginAnswersWithAnErrorThenItIsAliveAndItsTextIsNotRepeated(Status.Code code) throws Exception {
		Health health = new Health(code.toStatus().withDescription("s3cret"));
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"), health)) {
			assertThat(ask(end, GrpcPing.GO_PLUGIN, LONG))
				.isEqualTo(new GrpcPing(GrpcPing.Outcome.ANSWERED, code.name()));
		}
	}

	@Test
	void whenThePluginDoesNotAnswerThenThatIsToldAtTheDeadline() throws Exception {
		Health health = new Health(null);
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"), health)) {
			assertThat(ask(end, GrpcPing.GO_PLUGIN, Duration.ofMillis(100)))
				.isEqualTo(new GrpcPing(GrpcPing.Outcome.UNANSWERED, "no answer within 100ms"));
		}
	}

	@Test
	void whenThePluginEndsThenTheConnectionIsLost() throws Exception {
		Health health = new Health(null);
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"), health)) {
			CompletableFuture<GrpcPing> answer = GrpcPing.ask(end.channel(), GrpcPing.GO_PLUGIN, LONG)
				.toCompletableFuture();
			assertThat(health.asked.await(30, TimeUnit.SECONDS)).isTrue();
			end.stopServer();
			assertThat(answer.get(30, TimeUnit.SECONDS).outcome()).isEqualTo(GrpcPing.Outcome.LOST);
			assertThat(ask(end, GrpcPing.GO_PLUGIN, LONG).outcome()).isEqualTo(GrpcPing.Outcome.LOST);
		}
	}

	@Test
	void whenTheChannelIsClosedThenTheConnectionIsLost() throws Exception {
		PluginEnd end = PluginEnd.serving(this.folder.resolve("p"));
		end.close();
		assertThat(ask(end, GrpcPing.SERVER, LONG).outcome()).isEqualTo(GrpcPing.Outcome.LOST);
	}

	private static GrpcPing ask(PluginEnd end, String service, Duration timeout) throws Exception {
		return GrpcPing.ask(end.channel(), service, timeout).toCompletableFuture().get(30, TimeUnit.SECONDS);
	}

	private static final class Health extends HealthGrpc.HealthImplBase {

		private final CountDownLatch asked = new CountDownLatch(1);

		private final @Nullable Status status;

		Health(@Nullable Status status) {
			this.status = status;
		}

		@Override
		public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> responses) {
			this.asked.countDown();
			if (this.status != null) {
				responses.onError(this.status.asRuntimeException());
			}
		}

	}

}
