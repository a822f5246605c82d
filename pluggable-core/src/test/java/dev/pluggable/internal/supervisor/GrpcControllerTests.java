package dev.pluggable.internal.supervisor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.pluggable.fixtures.PluginEnd;
import dev.pluggable.proto.goplugin.GRPCControllerGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.Empty;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link GrpcController}.
 */
class GrpcControllerTests {

	private static final Duration LONG = Duration.ofMinutes(5);

	@TempDir
	Path folder;

	private final Controller controller = new Controller();

	@Test
	void whenThePluginAnswersThenItIsDone() throws Exception {
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"), this.controller)) {
			CompletableFuture<Boolean> done = shutdown(end, LONG);
			StreamObserver<Empty> caller = this.controller.asked.get(30, TimeUnit.SECONDS);
			assertThat(done).isNotDone();
			caller.onNext(Empty.getDefaultInstance());
			caller.onCompleted();
			done.get(30, TimeUnit.SECONDS);
		}
	}

	@Test
	void whenThePluginEndsInsteadOfAnsweringThenItIsDone() throws Exception {
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"), this.controller)) {
			CompletableFuture<Boolean> done = shutdown(end, LONG);
			this.controller.asked.get(30, TimeUnit.SECONDS);
			end.stopServer();
			assertThat(done.get(30, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void whenThePluginFailsThenItIsDone() throws Exception {
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"), this.controller)) {
			CompletableFuture<Boolean> done = shutdown(end, LONG);
			this.controller.asked.get(30, TimeUnit.SECONDS).onError(Status.INTERNAL.asRuntimeException());
			done.get(30, TimeUnit.SECONDS);
		}
	}

	@Test
	void whenThePluginDoesNotAnswerThenItIsDoneAtTheDeadline() throws Exception {
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"), this.controller)) {
			shutdown(end, Duration.ofMillis(100)).get(30, TimeUnit.SECONDS);
			shutdown(end, Duration.ZERO).get(30, TimeUnit.SECONDS);
		}
	}

	@Test
	void whenThePluginDoesNotKnowTheQuestionThenItIsDone() throws Exception {
		try (PluginEnd end = PluginEnd.serving(this.folder.resolve("p"))) {
			assertThat(shutdown(end, LONG).get(30, TimeUnit.SECONDS)).isFalse();
		}
	}

	@Test
	void whenThereIsNoConnectionThenItIsDone() throws Exception {
		PluginEnd end = PluginEnd.serving(this.folder.resolve("p"));
		end.close();
		shutdown(end, LONG).get(30, TimeUnit.SECONDS);
	}

	private static CompletableFuture<Boolean> shutdown(PluginEnd end, Duration timeout) {
		return GrpcController.shutdown(end.channel(), timeout).toCompletableFuture();
	}

	private static final class Controller extends GRPCControllerGrpc.GRPCControllerImplBase {

		private final CompletableFuture<StreamObserver<Empty>> asked = new CompletableFuture<>();

		@Override
		public void shutdown(Empty request, StreamObserver<Empty> responses) {
			this.asked.complete(responses);
		}

	}

}
