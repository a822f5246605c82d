package dev.pluggable.bindings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import com.google.protobuf.ByteString;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.bindings.FakeBindingServer.BindingSide;
import dev.pluggable.bindings.FakeBindingServer.EventStream;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.stream.StreamStatus;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link GrpcInputBinding} against a component in bare gRPC on a real socket.
 */
@Timeout(60)
class GrpcInputBindingTests {

	@TempDir
	Path folder;

	private BindingHost bindings;

	private FakeBindingServer server;

	private InputBinding binding;

	@BeforeEach
	void start() {
		this.bindings = new BindingHost(this.folder);
		this.server = this.bindings.server("mail").serving(BindingSide.INPUT).start();
		this.bindings.start();
		this.binding = this.bindings.input("mail");
	}

	@AfterEach
	void stop() throws Exception {
		this.bindings.close();
	}

	private FakeBindingServer next() {
		return this.bindings.server("mail").serving(BindingSide.INPUT);
	}

	private static byte[] bytes(String text) {
		return text.getBytes();
	}

	@Test
	void whenAnEventComesThenTheAnswerGoesBackWithItsId() throws Exception {
		List<BindingEvent> events = new CopyOnWriteArrayList<>();
		Reading reading = this.binding.read((event) -> {
			events.add(event);
			return bytes("done");
		});
		EventStream stream = this.server.stream();
		stream.send(BindingsProto.ReadResponse.newBuilder()
			.setMessageId("7")
			.setData(ByteString.copyFromUtf8("data"))
			.setContentType("text/plain")
			.putMetadata("a", "b")
			.build());
		assertThat(stream.answer()).isEqualTo(BindingsProto.ReadRequest.newBuilder()
			.setMessageId("7")
			.setResponseData(ByteString.copyFromUtf8("done"))
			.build());
		stream.send("8", "");
		assertThat(stream.answer().getMessageId()).isEqualTo("8");
		assertThat(events).containsExactly(new BindingEvent("7", bytes("data"), "text/plain", Map.of("a", "b")),
				new BindingEvent("8", new byte[0], null, Map.of()));
		assertThat(reading.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		assertThat(reading.status().received()).isEqualTo(2);
	}

	@Test
	void whenTheHandlerReturnsNullThenTheAnswerIsEmpty() throws Exception {
		this.binding.read((event) -> null);
		EventStream stream = this.server.stream();
		stream.send("1", "x");
		assertThat(stream.answer()).isEqualTo(BindingsProto.ReadRequest.newBuilder().setMessageId("1").build());
	}

	@Test
	void whenTheHandlerThrowsThenTheComponentIsToldWithoutThePayload() throws Exception {
		this.binding.read((event) -> {
			if (event.id().equals("error")) {
				throw new NoClassDefFoundError("s3cret");
			}
			throw new IllegalStateException("bad: " + new String(event.data()));
		});
		try (LogCapture log = new LogCapture()) {
			EventStream stream = this.server.stream();
			stream.send("1", "s3cret");
			assertThat(stream.answer()).isEqualTo(error("1", "handling failed: java.lang.IllegalStateException"));
			stream.send("error", "s3cret");
			assertThat(stream.answer()).isEqualTo(error("error", "handling failed: java.lang.NoClassDefFoundError"));
			assertThat(log.text()).contains("java.lang.IllegalStateException", "GrpcInputBindingTests")
				.doesNotContain("s3cret");
		}
	}

	private static BindingsProto.ReadRequest error(String id, String message) {
		return BindingsProto.ReadRequest.newBuilder()
			.setMessageId(id)
			.setResponseError(BindingsProto.AckResponseError.newBuilder().setMessage(message))
			.build();
	}

	@Test
	void whenTheHandlerBlocksThenItIsInterruptedAndTheComponentIsTold() throws Exception {
		CountDownLatch interrupted = new CountDownLatch(1);
		this.binding.read(ReadRequest.defaults().withHandlerTimeout(Duration.ofMillis(100)), (event) -> {
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
				throw ex;
			}
			return null;
		});
		EventStream stream = this.server.stream();
		stream.send("1", "x");
		assertThat(stream.answer()).isEqualTo(error("1", "not handled within 0.1s"));
		assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenTheHandlerInterruptsItselfThenThatIsAFailureAndTheNextIsHandled() throws Exception {
		this.binding.read(ReadRequest.defaults().withConcurrency(1), (event) -> {
			if (event.id().equals("1")) {
				throw new InterruptedException();
			}
			return bytes(String.valueOf(Thread.currentThread().isInterrupted()));
		});
		EventStream stream = this.server.stream();
		stream.send("1", "x");
		stream.send("2", "x");
		assertThat(stream.answer()).isEqualTo(error("1", "handling failed: java.lang.InterruptedException"));
		assertThat(stream.answer().getResponseData().toStringUtf8()).isEqualTo("false");
	}

	@Test
	void whenTheHandlerIsAsynchronousThenAnswersComeAsTheyComplete() throws Exception {
		Map<String, CompletableFuture<byte[]>> pending = new ConcurrentHashMap<>();
		this.binding.read(ReadRequest.defaults().withConcurrency(2), new BindingHandler() {

			@Override
			public byte[] handle(BindingEvent event) {
				throw new AssertionError();
			}

			@Override
			public CompletionStage<byte[]> handleAsync(BindingEvent event) {
				return pending.computeIfAbsent(event.id(), (id) -> new CompletableFuture<>());
			}

		});
		EventStream stream = this.server.stream();
		stream.send("1", "x");
		stream.send("2", "x");
		stream.send("3", "x");
		BindingHost.await().until(() -> pending.size() == 2);
		pending.get("2").complete(bytes("b"));
		assertThat(stream.answer().getMessageId()).isEqualTo("2");
		BindingHost.await().until(() -> pending.size() == 3);
		pending.get("1").complete(bytes("a"));
		pending.get("3").completeExceptionally(new IllegalStateException());
		assertThat(Set.of(stream.answer().getMessageId(), stream.answer().getMessageId()))
			.containsExactlyInAnyOrder("1", "3");
	}

	@Test
	void whenIdsAreEmptyOrTwiceThenEachEventIsHandledAndAnsweredOnce() throws Exception {
		AtomicInteger handled = new AtomicInteger();
		this.binding.read(ReadRequest.defaults().withConcurrency(1),
				(event) -> bytes(String.valueOf(handled.incrementAndGet())));
		EventStream stream = this.server.stream();
		for (String id : List.of("", "twice", "twice", "")) {
			stream.send(id, "x");
		}
		for (String id : List.of("", "twice", "twice", "")) {
			assertThat(stream.answer().getMessageId()).isEqualTo(id);
		}
		assertThat(handled).hasValue(4);
		assertThat(stream.answers).isEmpty();
	}

	@Test
	void whenConcurrencyIsOneThenOrderIsKept() throws Exception {
		this.binding.read(ReadRequest.defaults().withConcurrency(1), BindingEvent::data);
		EventStream stream = this.server.stream();
		IntStream.range(0, 500).forEach((i) -> stream.send(String.valueOf(i), "x"));
		for (int i = 0; i < 500; i++) {
			assertThat(stream.answer().getMessageId()).isEqualTo(String.valueOf(i));
		}
	}

	@Test
	void whenTheComponentFloodsThenOnlySoManyAreTakenAndItIsHeldBack() throws Exception {
		Semaphore permits = new Semaphore(0);
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		Reading reading = this.binding.read(ReadRequest.defaults().withConcurrency(3), (event) -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			permits.acquire();
			running.decrementAndGet();
			return null;
		});
		EventStream stream = this.server.stream();
		int sent = 0;
		String data = "x".repeat(1000);
		while (sent < 100_000 && (sent < 10 || stream.isReady())) {
			stream.send(String.valueOf(sent++), data);
		}
		assertThat(sent).as("sent before the component was held back").isLessThan(10_000);
		BindingHost.await().until(() -> running.get() == 3);
		assertThat(reading.status().inFlight()).isEqualTo(3);
		assertThat(reading.status().received()).isEqualTo(3);
		permits.release(100_000);
		for (int i = 0; i < sent; i++) {
			stream.answer();
		}
		BindingHost.await().until(stream::isReady);
		assertThat(most).hasValue(3);
	}

	@Test
	void whenTheStreamBreaksBeforeTheFirstEventThenItIsOpenedAgain() throws Exception {
		AtomicInteger attempts = new AtomicInteger();
		this.server.readStatus = () -> (attempts.incrementAndGet() <= 3) ? Status.INTERNAL.withDescription("not yet")
				: Status.OK;
		Reading reading = this.binding.read(BindingEvent::data);
		EventStream stream = this.server.stream();
		assertThat(attempts).hasValue(4);
		stream.send("1", "x");
		assertThat(stream.answer().getMessageId()).isEqualTo("1");
		stream.complete();
		this.server.stream().fail(Status.DATA_LOSS);
		this.server.stream().send("2", "x");
		BindingHost.await().until(() -> reading.status().received() == 2);
	}

	@Test
	void whenTheStreamBreaksInTheMiddleThenNoAnswerGoesToTheNextOne() throws Exception {
		CountDownLatch gate = new CountDownLatch(1);
		CountDownLatch begun = new CountDownLatch(1);
		Reading reading = this.binding.read(ReadRequest.defaults().withConcurrency(2), (event) -> {
			if (event.id().equals("old")) {
				begun.countDown();
				gate.await();
			}
			return event.data();
		});
		EventStream first = this.server.stream();
		first.send("old", "x");
		assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
		first.fail(Status.INTERNAL);
		EventStream second = this.server.stream();
		gate.countDown();
		second.send("new", "x");
		assertThat(second.answer().getMessageId()).isEqualTo("new");
		BindingHost.await().until(() -> reading.status().inFlight() == 0);
		second.send("last", "x");
		assertThat(second.answer().getMessageId()).isEqualTo("last");
		assertThat(second.answers).isEmpty();
		assertThat(first.answers).isEmpty();
	}

	@Test
	void whenTheProcessEndsThenReadingGoesOnWithTheNext() throws Exception {
		CountDownLatch gate = new CountDownLatch(1);
		CountDownLatch begun = new CountDownLatch(1);
		Reading reading = this.binding.read(ReadRequest.defaults().withConcurrency(2), (event) -> {
			if (event.id().equals("old")) {
				begun.countDown();
				gate.await();
			}
			return event.data();
		});
		this.server.stream().send("old", "x");
		assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
		this.server.close();
		FakeBindingServer next = next().start();
		EventStream stream = next.stream();
		gate.countDown();
		stream.send("new", "x");
		assertThat(stream.answer().getMessageId()).isEqualTo("new");
		BindingHost.await().until(() -> reading.status().inFlight() == 0);
		assertThat(stream.answers).isEmpty();
		assertThat(reading.status().generation()).isEqualTo(2);
		assertThat(reading.status().reconnects()).isEqualTo(1);
	}

	@Test
	void whenClosedThenWhatIsHandledIsAnsweredAndTheStreamEndsInOrder() throws Exception {
		CountDownLatch gate = new CountDownLatch(1);
		CountDownLatch begun = new CountDownLatch(1);
		Reading reading = this.binding.read(ReadRequest.defaults().withConcurrency(1), (event) -> {
			begun.countDown();
			gate.await();
			return event.data();
		});
		EventStream stream = this.server.stream();
		stream.send("1", "a");
		stream.send("2", "b");
		assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
		CompletionStage<?> drained = reading.drain(Duration.ofSeconds(20));
		gate.countDown();
		drained.toCompletableFuture().get(20, TimeUnit.SECONDS);
		reading.close();
		stream.ended.get(20, TimeUnit.SECONDS);
		assertThat(stream.answer().getMessageId()).isEqualTo("1");
		assertThat(stream.answers).isEmpty();
		assertThat(reading.status().state()).isEqualTo(StreamStatus.State.CLOSED);
	}

	@Test
	void whenTheGraceIsOverThenTheHandlerIsInterruptedAndNotAnswered() throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		Reading reading = this.binding.read(ReadRequest.defaults().withGrace(Duration.ofMillis(100)), (event) -> {
			begun.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
			return event.data();
		});
		EventStream stream = this.server.stream();
		stream.send("1", "a");
		assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
		reading.close();
		assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
		BindingHost.await().until(stream.ended::isDone);
		assertThat(stream.answers).isEmpty();
	}

	@Test
	void whenTheStreamBreaksWhileItEndsThenTheEndIsAnEndAllTheSame() throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch gate = new CountDownLatch(1);
		Reading reading = this.binding.read((event) -> {
			begun.countDown();
			gate.await();
			return null;
		});
		EventStream stream = this.server.stream();
		stream.send("1", "a");
		assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
		CompletionStage<?> drained = reading.drain(Duration.ofSeconds(20));
		stream.fail(Status.INTERNAL);
		gate.countDown();
		drained.toCompletableFuture().get(20, TimeUnit.SECONDS);
		assertThat(reading.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		assertThat(this.server.streams).isEmpty();
	}

	@Test
	void whenAHandlerClosesItsReadingThenItDoesNotWaitForItself() throws Exception {
		AtomicReference<Reading> reading = new AtomicReference<>();
		CountDownLatch known = new CountDownLatch(1);
		reading.set(this.binding.read((event) -> {
			known.await();
			reading.get().close();
			return event.data();
		}));
		known.countDown();
		EventStream stream = this.server.stream();
		stream.send("1", "a");
		assertThat(stream.answer().getMessageId()).isEqualTo("1");
		stream.ended.get(20, TimeUnit.SECONDS);
	}

	@Test
	void whenTheHostClosesThenReadingsEndInOrderAndNoNewOneBegins() throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		Semaphore permit = new Semaphore(0);
		this.binding.read((event) -> {
			begun.countDown();
			permit.acquire();
			return event.data();
		});
		EventStream stream = this.server.stream();
		stream.send("1", "a");
		assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
		Thread closing = new Thread(this.bindings.host()::close);
		closing.start();
		BindingHost.await()
			.ignoreExceptionsMatching((ex) -> ex instanceof AssertionError)
			.untilAsserted(() -> assertThatExceptionOfType(ComponentUnavailableException.class)
				.isThrownBy(() -> this.binding.read(BindingEvent::data))
				.withMessageContaining("stopping"));
		permit.release();
		closing.join(20_000);
		assertThat(closing.isAlive()).isFalse();
		assertThat(stream.answer().getMessageId()).isEqualTo("1");
	}

	@Test
	void whenSeveralReadThenEachHasItsOwnStream() throws Exception {
		Reading first = this.binding.read((event) -> bytes("first"));
		EventStream one = this.server.stream();
		this.binding.read((event) -> bytes("second"));
		EventStream two = this.server.stream();
		first.close();
		two.send("1", "x");
		assertThat(two.answer().getResponseData().toStringUtf8()).isEqualTo("second");
		assertThat(one.answers).isEmpty();
	}

}
