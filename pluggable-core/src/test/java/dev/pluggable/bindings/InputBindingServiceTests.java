package dev.pluggable.bindings;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.bindings.BindingClient.ReadStream;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.stream.StreamStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link InputBindingService} over a real socket, with a host in bare gRPC.
 */
@Timeout(60)
class InputBindingServiceTests {

	@TempDir
	Path folder;

	private final Source source = new Source();

	private ComponentServer server;

	private BindingClient client;

	@BeforeEach
	void start() {
		this.server = ComponentServer.inFolder(this.folder, "mail")
			.serve(InputBindingKind.INSTANCE, (name, metadata) -> {
				if (metadata.containsKey("bad")) {
					throw new InvalidRequestException("'bad' is bad");
				}
				return metadata.containsKey("other") ? new Source() : this.source;
			})
			.shutdownTimeout(Duration.ofSeconds(1))
			.start();
		this.client = new BindingClient(this.server.socket());
	}

	@AfterEach
	void stop() {
		this.client.close();
		this.server.close();
		BindingHost.await()
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().startsWith("pluggable-") && thread.isAlive()));
	}

	private BindingHandler begin(ReadStream stream) throws InterruptedException {
		assertThat(stream.ended).isNotDone();
		return this.source.handler();
	}

	private static BindingEvent event(String id, String data) {
		return new BindingEvent(id, data.getBytes(), "text/plain", Map.of("a", "b"));
	}

	private static CompletableFuture<byte[]> send(BindingHandler handler, String data) {
		return handler.handleAsync(event("", data)).toCompletableFuture();
	}

	@Test
	void whenNotInitialisedThenItIsSaid() {
		ReadStream stream = this.client.read(true);
		assertEnd(stream, Status.Code.FAILED_PRECONDITION, "Init was not called");
	}

	private static void assertEnd(ReadStream stream, Status.Code code, String description) {
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> stream.ended.get(20, TimeUnit.SECONDS))
			.satisfies((ex) -> {
				Status status = Status.fromThrowable(ex.getCause());
				assertThat(status.getCode()).isEqualTo(code);
				assertThat(status.getDescription()).contains(description);
			});
	}

	@Test
	void whenMetadataAreBadThenInitFails() {
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> this.client.initInput(Map.of("bad", "x")))
			.withMessageContaining("INVALID_ARGUMENT");
	}

	@Test
	void whenPingedThenTheImplementationIs() {
		this.client.initInput(Map.of());
		this.client.input().ping(CommonProto.PingRequest.getDefaultInstance());
		this.source.failure = new ComponentException("no disk", (Throwable) null);
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> this.client.input().ping(CommonProto.PingRequest.getDefaultInstance()))
			.withMessageContaining("no disk");
	}

	@Test
	void whenReadFailsThenTheStreamEndsWithTheReason() {
		this.client.initInput(Map.of());
		this.source.failure = new InvalidRequestException("nothing to read");
		assertEnd(this.client.read(true), Status.Code.INVALID_ARGUMENT, "nothing to read");
	}

	@Test
	void whenAnEventIsSentThenItIsCompleteAndTheAnswerComesBack() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		BindingHandler handler = begin(stream);
		CompletableFuture<byte[]> first = handler.handleAsync(event("same", "one")).toCompletableFuture();
		CompletableFuture<byte[]> second = handler.handleAsync(event("same", "two")).toCompletableFuture();
		BindingsProto.ReadResponse one = stream.event();
		BindingsProto.ReadResponse two = stream.event();
		assertThat(one.getData().toStringUtf8()).isEqualTo("one");
		assertThat(one.getContentType()).isEqualTo("text/plain");
		assertThat(one.getMetadataMap()).isEqualTo(Map.of("a", "b"));
		assertThat(one.getMessageId()).isNotEmpty().isNotEqualTo(two.getMessageId());
		stream.answer(two.getMessageId(), "2");
		assertThat(second.get(20, TimeUnit.SECONDS)).asString().isEqualTo("2");
		assertThat(first).isNotDone();
		stream.answer(one.getMessageId(), "");
		assertThat(first.get(20, TimeUnit.SECONDS)).isEmpty();
	}

	@Test
	void whenTheHostFailsThenSoDoesTheHandler() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		CompletableFuture<byte[]> answer = send(begin(stream), "x");
		stream.fail(stream.event().getMessageId(), "first\nsecond " + "x".repeat(1000));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(EventNotHandledException.class)
			.withMessageContaining("first second")
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(600));
	}

	@Test
	void whenTheBlockingFormIsUsedThenItWaitsForTheAnswer() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		BindingHandler handler = begin(stream);
		CompletableFuture<byte[]> handled = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				handled.complete(handler.handle(event("", "x")));
				handler.handle(event("", "y"));
			}
			catch (Exception ex) {
				handled.obtrudeException(ex);
			}
		});
		thread.start();
		stream.answer(stream.event().getMessageId(), "done");
		assertThat(handled.get(20, TimeUnit.SECONDS)).asString().isEqualTo("done");
		BindingsProto.ReadResponse second = stream.event();
		thread.interrupt();
		thread.join(20_000);
		assertThat(handled).isCompletedExceptionally();
		CompletableFuture<byte[]> third = send(handler, "z");
		stream.answer(second.getMessageId(), "late");
		stream.answer(stream.event().getMessageId(), "in time");
		assertThat(third.get(20, TimeUnit.SECONDS)).asString().isEqualTo("in time");
	}

	@Test
	void whenAnswersNameNoEventThenTheyAreIgnoredWithOneLine() throws Exception {
		this.client.initInput(Map.of());
		RecordedLog log = new RecordedLog();
		Logger logger = (Logger) LoggerFactory.getLogger(InputBindingService.class);
		logger.addAppender(log);
		try {
			ReadStream stream = this.client.read(true);
			BindingHandler handler = begin(stream);
			CompletableFuture<byte[]> first = send(handler, "x");
			String id = stream.event().getMessageId();
			stream.answer("", "s3cret");
			stream.answer("unknown", "s3cret");
			stream.answer(id, "one");
			stream.answer(id, "two");
			stream.fail(id, "three");
			CompletableFuture<byte[]> second = send(handler, "y");
			stream.answer(stream.event().getMessageId(), "last");
			assertThat(second.get(20, TimeUnit.SECONDS)).asString().isEqualTo("last");
			assertThat(first.get(20, TimeUnit.SECONDS)).asString().isEqualTo("one");
			assertThat(log.events()).filteredOn((line) -> line.getLevel().isGreaterOrEqual(Level.INFO))
				.singleElement()
				.satisfies((line) -> assertThat(line.getFormattedMessage()).contains("Ignored an answer")
					.doesNotContain("s3cret"));
		}
		finally {
			logger.detachAppender(log);
		}
	}

	@Test
	void whenTheHostAnswersNothingThenSoManyEventsAreSentAndNoMore() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		BindingHandler handler = begin(stream);
		AtomicInteger sent = new AtomicInteger();
		Thread flood = new Thread(() -> {
			while (!Thread.currentThread().isInterrupted()) {
				send(handler, "x");
				sent.incrementAndGet();
			}
		});
		flood.start();
		List<String> ids = new ArrayList<>();
		for (int i = 0; i < InputBindingService.MAX_UNANSWERED; i++) {
			ids.add(stream.event().getMessageId());
		}
		assertThat(new HashSet<>(ids)).hasSize(InputBindingService.MAX_UNANSWERED);
		assertThat(stream.events.poll(300, TimeUnit.MILLISECONDS)).isNull();
		assertThat(sent).hasValue(InputBindingService.MAX_UNANSWERED);
		stream.answer(ids.get(7), "");
		stream.event();
		assertThat(stream.events.poll(300, TimeUnit.MILLISECONDS)).isNull();
		flood.interrupt();
		flood.join(20_000);
		assertThat(flood.isAlive()).isFalse();
	}

	@Test
	void whenTheHostDoesNotReadThenNoMoreIsSent() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(false);
		BindingHandler handler = begin(stream);
		AtomicInteger sent = new AtomicInteger();
		CountDownLatch blocked = new CountDownLatch(1);
		String data = "x".repeat(100_000);
		Thread flood = new Thread(() -> {
			while (sent.get() < 200) {
				send(handler, data);
				sent.incrementAndGet();
			}
			blocked.countDown();
		});
		flood.start();
		assertThat(blocked.await(500, TimeUnit.MILLISECONDS)).isFalse();
		assertThat(sent.get()).isLessThan(100);
		stream.request(200);
		assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();
		flood.join(20_000);
	}

	@Test
	void whenTheStreamIsCancelledThenWhatIsUnansweredHasFailedAndTheReadingEnds() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		BindingHandler handler = begin(stream);
		CompletableFuture<byte[]> answer = send(handler, "x");
		stream.event();
		stream.cancel();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(EventNotHandledException.class)
			.withMessageContaining("ended before");
		assertThat(this.source.closed.poll(20, TimeUnit.SECONDS)).isNotNull();
		assertThat(send(handler, "y")).isCompletedExceptionally();
	}

	@Test
	void whenTheInstanceIsReplacedThenTheStreamEnds() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		CompletableFuture<byte[]> answer = send(begin(stream), "x");
		stream.event();
		this.client.initInput(Map.of());
		this.client.input().ping(CommonProto.PingRequest.getDefaultInstance());
		assertThat(stream.ended).isNotDone();
		this.client.initInput(Map.of("other", "x"));
		assertEnd(stream, Status.Code.UNAVAILABLE, "read again");
		assertThat(answer).isCompletedExceptionally();
		assertThat(this.source.closed).hasSize(1);
	}

	@Test
	void whenTheImplementationHasEndedTheReadingThenTheStreamEndsWithTheNextPing() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		begin(stream);
		this.source.state = StreamStatus.State.CLOSED;
		this.client.input().ping(CommonProto.PingRequest.getDefaultInstance());
		assertEnd(stream, Status.Code.UNAVAILABLE, "read again");
	}

	@Test
	void whenTheReadingEndsBeforeTheServiceHasItThenTheStreamEnds() throws Exception {
		this.client.initInput(Map.of());
		this.source.beforeItReads = () -> {
			this.source.state = StreamStatus.State.CLOSED;
			this.client.input().ping(CommonProto.PingRequest.getDefaultInstance());
		};
		ReadStream stream = this.client.read(true);
		assertEnd(stream, Status.Code.UNAVAILABLE, "read again");
	}

	@Test
	void whenAnotherInstanceIsMadeBeforeTheServiceHasTheReadingThenTheStreamEnds() throws Exception {
		this.client.initInput(Map.of());
		this.source.beforeItReads = () -> this.client.initInput(Map.of("other", "yes"));
		ReadStream stream = this.client.read(true);
		assertEnd(stream, Status.Code.UNAVAILABLE, "read again");
	}

	@Test
	void whenTheHostEndsTheStreamThenTheServiceDoesToo() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		CompletableFuture<byte[]> answer = send(begin(stream), "x");
		stream.event();
		stream.complete();
		stream.ended.get(20, TimeUnit.SECONDS);
		assertThat(answer).isCompletedExceptionally();
		assertThat(this.source.closed).hasSize(1);
	}

	@Test
	void whenTheServerClosesThenWhatIsUnansweredHasFailed() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		CompletableFuture<byte[]> answer = send(begin(stream), "x");
		stream.event();
		this.server.close();
		assertThat(answer).isCompletedExceptionally();
		assertThat(this.source.closed).hasSize(1);
		BindingHost.await().until(stream.ended::isDone);
	}

	@Test
	void whenTheImplementationGivesUpThenALateAnswerIsIgnored() throws Exception {
		this.client.initInput(Map.of());
		ReadStream stream = this.client.read(true);
		BindingHandler handler = begin(stream);
		CompletableFuture<byte[]> answer = send(handler, "x");
		String id = stream.event().getMessageId();
		answer.cancel(true);
		stream.answer(id, "late");
		CompletableFuture<byte[]> next = send(handler, "y");
		stream.answer(stream.event().getMessageId(), "ok");
		assertThat(next.get(20, TimeUnit.SECONDS)).asString().isEqualTo("ok");
	}

	@Test
	void whenSeveralHostsReadThenStreamsAreApart() throws Exception {
		this.client.initInput(Map.of());
		ReadStream first = this.client.read(true);
		BindingHandler one = begin(first);
		ReadStream second = this.client.read(true);
		BindingHandler two = begin(second);
		CompletableFuture<byte[]> answer = send(one, "x");
		String id = first.event().getMessageId();
		second.answer(id, "wrong stream");
		CompletableFuture<byte[]> other = send(two, "y");
		second.answer(second.event().getMessageId(), "two");
		assertThat(other.get(20, TimeUnit.SECONDS)).asString().isEqualTo("two");
		assertThat(answer).isNotDone();
		first.answer(id, "one");
		assertThat(answer.get(20, TimeUnit.SECONDS)).asString().isEqualTo("one");
	}

	/**
	 * Passes the request and the handler to the test.
	 */
	private static final class Source implements InputBinding {

		private final BlockingQueue<BindingHandler> handlers = new LinkedBlockingQueue<>();

		final BlockingQueue<Reading> closed = new LinkedBlockingQueue<>();

		volatile RuntimeException failure;

		volatile StreamStatus.State state = StreamStatus.State.ACTIVE;

		volatile Runnable beforeItReads = () -> {
		};

		@Override
		public Reading read(ReadRequest request, BindingHandler handler) {
			fail();
			this.beforeItReads.run();
			this.handlers.add(handler);
			return new Reading() {

				@Override
				public StreamStatus status() {
					return new StreamStatus(Source.this.state, null, 0, Instant.EPOCH, 0, 0, 0);
				}

				@Override
				public CompletionStage<?> drain(Duration grace) {
					close();
					return CompletableFuture.completedFuture(null);
				}

				@Override
				public void close() {
					Source.this.closed.add(this);
				}

			};
		}

		@Override
		public void ping() {
			fail();
		}

		private void fail() {
			RuntimeException ex = this.failure;
			if (ex != null) {
				throw ex;
			}
		}

		BindingHandler handler() throws InterruptedException {
			BindingHandler handler = this.handlers.poll(20, TimeUnit.SECONDS);
			if (handler == null) {
				throw new AssertionError("Nobody reads");
			}
			return handler;
		}

	}

}
