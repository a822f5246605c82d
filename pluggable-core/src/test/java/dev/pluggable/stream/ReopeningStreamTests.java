package dev.pluggable.stream;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.Draining;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto.AckMessageError;
import dev.pluggable.proto.components.v1.PubSubProto.PullMessagesRequest;
import dev.pluggable.proto.components.v1.PubSubProto.PullMessagesResponse;
import dev.pluggable.proto.components.v1.PubSubProto.Topic;
import dev.pluggable.pubsub.ScriptedPubSub;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link ReopeningStream} against a component on a real socket.
 */
@Timeout(60)
class ReopeningStreamTests {

	private static final Duration GRACE = Duration.ofSeconds(10);

	@TempDir
	Path folder;

	private ScriptedPubSub component;

	private ComponentHost host;

	private Streams streams;

	private final Queue<Handling> all = new ConcurrentLinkedQueue<>();

	@BeforeEach
	void start() {
		this.component = component();
		ComponentDeclaration declaration = new ComponentDeclaration("bus", ComponentType.of("streams.bus"), false,
				Map.of(), HostSettings.defaultComponentSettings());
		StreamsKind kind = new StreamsKind();
		this.host = new ComponentHost(
				HostSettings.defaults().withSocketFolders(Set.of(this.folder)).withDeclarations(List.of(declaration)),
				List.of(kind), List.of(), (endpoint, builder) -> {
				});
		this.host.start();
		this.streams = this.host.registry().find(kind, "bus").orElseThrow().instance();
	}

	private ScriptedPubSub component() {
		return new ScriptedPubSub(this.folder.resolve("bus.sock"));
	}

	@AfterEach
	void close() {
		this.all.forEach(Handling::succeed);
		this.host.close();
		this.component.close();
	}

	@Test
	void whenMessagesArriveThenEachIsAnswered() {
		Handlers handlers = new Handlers(2);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		assertThat(pull.topic.getName()).isEqualTo("orders");
		pull.send("1", "a");
		handlers.next().succeed();
		assertThat(pull.answer().getAckMessageId()).isEqualTo("1");
		pull.send("2", "b");
		handlers.next().fail("no");
		PullMessagesRequest answer = pull.answer();
		assertThat(answer.getAckMessageId()).isEqualTo("2");
		assertThat(answer.getAckError().getMessage()).isEqualTo("no");
		assertThat(stream.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		assertThat(stream.status().received()).isEqualTo(2);
	}

	@Test
	void whenAllSlotsAreTakenThenNothingMoreIsAskedFor() {
		Handlers handlers = new Handlers(2);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		for (int i = 0; i < 5; i++) {
			pull.send("" + i, "x");
		}
		Handling first = handlers.next();
		Handling second = handlers.next();
		this.component.calls.clear();
		assertThat(handlers.begun).isEmpty();
		assertThat(stream.status().inFlight()).isEqualTo(2);
		second.succeed();
		Handling third = handlers.next();
		assertThat(third.id).isEqualTo("2");
		first.succeed();
		assertThat(handlers.next().id).isEqualTo("3");
		assertThat(stream.status().received()).isEqualTo(4);
	}

	@Test
	void whenAnswerIsThereButItsThreadIsNotFreeThenTheSlotStaysTaken() {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		pull.send("2", "b");
		Handling first = handlers.next();
		first.answer.complete(ack("1", "timeout"));
		assertThat(pull.answer().getAckError().getMessage()).isEqualTo("timeout");
		assertThat(stream.status().inFlight()).isEqualTo(1);
		assertThat(handlers.begun).isEmpty();
		first.ended.complete(null);
		assertThat(handlers.next().id).isEqualTo("2");
	}

	@Test
	void whenAMessageIsSettledTwiceThenItsFirstAnswerIsSentAndItsSlotIsFreeOnce() {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		Handling first = handlers.next();
		first.fail("no");
		assertThat(first.settlement.settle(ack("1", null))).isFalse();
		assertThat(pull.answer().getAckError().getMessage()).isEqualTo("no");
		pull.send("2", "b");
		pull.send("3", "c");
		Handling second = handlers.next();
		assertThat(handlers.begun).isEmpty();
		assertThat(stream.status().inFlight()).isEqualTo(1);
		second.succeed();
		assertThat(pull.answer().getAckMessageId()).isEqualTo("2");
	}

	@Test
	void whenAMessageIsSettledAfterTheStreamWasStoppedThenItGetsNoAnswerAndTheCountIsRight() {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		Handling first = handlers.next();
		await().until(stream.drain(Duration.ZERO).toCompletableFuture()::isDone);
		await().until(() -> pull.cancelled);
		first.succeed();
		await().until(() -> stream.status().inFlight() == 0);
		assertThat(pull.answers).isEmpty();
		assertThat(stream.status().state()).isEqualTo(StreamStatus.State.CLOSED);
	}

	@Test
	void whenComponentFloodsThenItIsHeldBack() {
		Handlers handlers = new Handlers(1);
		handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		String payload = "x".repeat(10_000);
		int sent = 0;
		while (pull.isReady() && sent < 100_000) {
			pull.send("" + sent++, payload);
		}
		assertThat(sent).as("messages before the component is held back").isLessThan(1000);
		Handling first = handlers.next();
		assertThat(handlers.begun).isEmpty();
		first.succeed();
		for (int i = 1; i < sent; i++) {
			handlers.next().succeed();
		}
		await().until(pull::isReady);
	}

	@Test
	void whenComponentEndsTheStreamThenItIsOpenedAgain() {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream first = this.component.stream();
		first.complete();
		ScriptedPubSub.Stream second = this.component.stream();
		second.send("1", "a");
		handlers.next().succeed();
		assertThat(second.answer().getAckMessageId()).isEqualTo("1");
		assertThat(stream.status().reconnects()).isEqualTo(1);
		assertThat(stream.status().generation()).isEqualTo(1);
	}

	@Test
	void whenComponentIsStoppedThenTheEndOfItsStreamIsNoFault() {
		ComponentClient client = this.streams.client;
		this.streams.client = (ComponentClient) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ComponentClient.class }, (proxy, method,
						arguments) -> method.getName().equals("stopped") ? true : method.invoke(client, arguments));
		ReopeningStream<?, ?> stream = new Handlers(1).open();
		ScriptedPubSub.Stream pull = this.component.stream();
		try (LogCapture logs = new LogCapture()) {
			pull.fail(Status.UNAVAILABLE);
			await().until(() -> stream.status().reconnects() == 1);
			assertThat(logs.text()).contains("DEBUG The test stream of streams component 'bus' has ended")
				.doesNotContain("WARN The test stream");
		}
	}

	@Test
	void whenComponentRefusesTheStreamThenItIsTriedAgainAndSaidSo() {
		this.component.pullStatus = Status.PERMISSION_DENIED.withDescription("not\nyet" + "!".repeat(1000));
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		await().until(() -> this.component.opened.get() >= 3);
		await().untilAsserted(() -> assertThat(stream.status().reason())
			.isEqualTo("PERMISSION_DENIED (not yet" + "!".repeat(393) + "...)"));
		this.component.pullStatus = Status.OK;
		await().untilAsserted(() -> {
			ScriptedPubSub.Stream pull = this.component.stream();
			pull.send("1", "a");
			assertThat(handlers.poll(Duration.ofMillis(500))).isNotNull();
		});
	}

	@Test
	void whenStreamBreaksThenAnswerOfAnEarlierStreamIsNotSent() {
		Handlers handlers = new Handlers(2);
		handlers.open();
		ScriptedPubSub.Stream first = this.component.stream();
		first.send("old", "a");
		Handling old = handlers.next();
		first.fail(Status.INTERNAL);
		ScriptedPubSub.Stream second = this.component.stream();
		second.send("new", "b");
		old.succeed();
		handlers.next().succeed();
		assertThat(second.answer().getAckMessageId()).isEqualTo("new");
		assertThat(first.answers).isEmpty();
		assertThat(second.answers).isEmpty();
	}

	@Test
	void whenProcessIsReplacedThenStreamGoesOnWithTheNextAndSlotsAreNotExceeded() {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream first = this.component.stream();
		first.send("old", "a");
		Handling old = handlers.next();
		this.component.close();
		this.component = component();
		ScriptedPubSub.Stream second = this.component.stream();
		second.send("new", "b");
		await().until(() -> stream.status().generation() == 2 && stream.status().state() == StreamStatus.State.ACTIVE);
		assertThat(handlers.begun).as("begun while the only slot is taken").isEmpty();
		old.succeed();
		handlers.next().succeed();
		assertThat(second.answer().getAckMessageId()).isEqualTo("new");
		assertThat(first.answers).isEmpty();
	}

	@Test
	void whenTheNextProcessIsThereBeforeTheOldOneEndsThenStatusTellsOfIt() throws Exception {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		this.component.stream();
		await().until(() -> stream.status().state() == StreamStatus.State.ACTIVE);
		Files.delete(this.folder.resolve("bus.sock"));
		try (ScriptedPubSub old = this.component) {
			this.component = component();
			ScriptedPubSub.Stream second = this.component.stream();
			second.send("new", "b");
			handlers.next().succeed();
			assertThat(second.answer().getAckMessageId()).isEqualTo("new");
			assertThat(stream.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
			assertThat(stream.status().generation()).isEqualTo(2);
			assertThat(stream.status().reconnects()).isEqualTo(1);
		}
	}

	@Test
	void whenTheNextProcessDoesNotTakeTheStreamInTimeThenTheOldOneIsLeftAfterTheCallTimeout() throws Exception {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream first = this.component.stream();
		first.send("old", "a");
		Handling old = handlers.next();
		CompletableFuture<?> preparation = new CompletableFuture<>();
		handlers.preparation = preparation;
		Files.delete(this.folder.resolve("bus.sock"));
		try (ScriptedPubSub before = this.component) {
			this.component = component();
			await().until(() -> stream.status().state() == StreamStatus.State.WAITING);
			assertThat(stream.status().reason()).isEqualTo("it cannot be opened on the new process yet");
			assertThat(first.halfClosed).as("a message is being handled").isFalse();
			old.succeed();
			assertThat(first.answer().getAckMessageId()).isEqualTo("old");
			await().until(() -> first.halfClosed);
			preparation.complete(null);
			ScriptedPubSub.Stream second = this.component.stream();
			second.send("new", "b");
			handlers.next().succeed();
			assertThat(second.answer().getAckMessageId()).isEqualTo("new");
			assertThat(before.opened).hasValue(1);
		}
	}

	@Test
	void whenAConnectionEndsInPeaceThenTheNextStreamIsOpenBeforeTheOldOneEndsAndAnswersGoToTheirStreams() {
		this.component.close();
		this.component = new ScriptedPubSub(this.folder.resolve("bus.sock"), Duration.ofSeconds(3));
		Handlers handlers = new Handlers(2);
		try (LogCapture log = new LogCapture()) {
			ReopeningStream<?, ?> stream = handlers.open();
			ScriptedPubSub.Stream first = this.component.stream();
			first.send("old", "a");
			Handling old = handlers.next();
			ScriptedPubSub.Stream second = this.component.stream();
			assertThat(first.halfClosed).isFalse();
			second.send("new", "b");
			handlers.next().succeed();
			assertThat(second.answer().getAckMessageId()).isEqualTo("new");
			old.succeed();
			assertThat(first.answer().getAckMessageId()).isEqualTo("old");
			await().until(() -> first.halfClosed);
			assertThat(first.cancelled).isFalse();
			assertThat(stream.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
			assertThat(stream.status().received()).isEqualTo(2);
			assertThat(log.text()).doesNotContain("is opened again");
		}
	}

	@Test
	void whenComponentIsNotThereThenStreamWaitsForIt() {
		this.component.close();
		await().until(() -> this.host.endpoints().stream().allMatch((endpoint) -> endpoint.peer() == null));
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		assertThat(stream.status().state()).isEqualTo(StreamStatus.State.WAITING);
		this.component = component();
		this.component.stream().send("1", "a");
		handlers.next().succeed();
	}

	@Test
	void whenDrainedThenWhatIsBeingHandledIsAnsweredAndNothingElse() {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		pull.send("2", "b");
		Handling first = handlers.next();
		CompletableFuture<?> drained = stream.drain(GRACE).toCompletableFuture();
		assertThat(stream.status().state()).isEqualTo(StreamStatus.State.DRAINING);
		assertThat(drained).isNotDone();
		first.succeed();
		assertThat(pull.answer().getAckMessageId()).isEqualTo("1");
		await().until(drained::isDone);
		assertThat(pull.halfClosed).isTrue();
		assertThat(pull.cancelled).isFalse();
		assertThat(pull.answers).isEmpty();
		assertThat(handlers.begun).isEmpty();
		assertThat(stream.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		assertThat(stream.status().inFlight()).isZero();
	}

	@Test
	void whenGraceIsOverThenHandlersAreAbandonedAndGetNoAnswer() {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		Handling first = handlers.next();
		await().until(stream.drain(Duration.ofMillis(50)).toCompletableFuture()::isDone);
		assertThat(handlers.abandoned).isTrue();
		await().until(() -> pull.cancelled);
		first.succeed();
		assertThat(pull.answers).isEmpty();
	}

	@Test
	void whenStreamBreaksDuringTheDrainThenItEndsAllTheSame() {
		Handlers handlers = new Handlers(1);
		ReopeningStream<?, ?> stream = handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		Handling first = handlers.next();
		CompletableFuture<?> drained = stream.drain(GRACE).toCompletableFuture();
		pull.fail(Status.UNAVAILABLE);
		first.succeed();
		await().until(drained::isDone);
		assertThat(this.component.opened).hasValue(1);
	}

	@Test
	void whenHostClosesThenStreamsAreDrainedFirst() throws Exception {
		Handlers handlers = new Handlers(1);
		handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		Handling first = handlers.next();
		Thread closing = new Thread(this.host::close);
		closing.start();
		await().until(() -> handlers.stream.status().state() == StreamStatus.State.DRAINING);
		first.succeed();
		assertThat(pull.answer().getAckMessageId()).isEqualTo("1");
		closing.join(TimeUnit.SECONDS.toMillis(20));
		assertThat(closing.isAlive()).isFalse();
	}

	@Test
	void whenHandlerCannotBeCalledThenTheStreamGoesOn() {
		Handlers handlers = new Handlers(1);
		handlers.broken.set(true);
		handlers.open();
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		await().untilFalse(handlers.broken);
		pull.send("2", "b");
		assertThat(handlers.next().id).isEqualTo("2");
	}

	private static PullMessagesRequest ack(String id, String error) {
		PullMessagesRequest.Builder answer = PullMessagesRequest.newBuilder().setAckMessageId(id);
		return ((error != null) ? answer.setAckError(AckMessageError.newBuilder().setMessage(error)) : answer).build();
	}

	/**
	 * A message that is being handled until the test settles it.
	 */
	private static final class Handling {

		private final String id;

		private final CompletableFuture<PullMessagesRequest> answer = new CompletableFuture<>();

		private final CompletableFuture<Void> ended = new CompletableFuture<>();

		private volatile Settlement<PullMessagesRequest> settlement;

		private Handling(String id) {
			this.id = id;
		}

		void succeed() {
			this.answer.complete(ack(this.id, null));
			this.ended.complete(null);
		}

		void fail(String error) {
			this.answer.complete(ack(this.id, error));
			this.ended.complete(null);
		}

	}

	/**
	 * A stream whose handlers are the test.
	 */
	private final class Handlers implements StreamProtocol<PullMessagesRequest, PullMessagesResponse> {

		private final int concurrency;

		private final Queue<Handling> begun = new ConcurrentLinkedQueue<>();

		private final AtomicBoolean abandoned = new AtomicBoolean();

		private final AtomicBoolean broken = new AtomicBoolean();

		private volatile CompletionStage<?> preparation = CompletableFuture.completedFuture(null);

		private ReopeningStream<PullMessagesRequest, PullMessagesResponse> stream;

		private Handlers(int concurrency) {
			this.concurrency = concurrency;
		}

		ReopeningStream<PullMessagesRequest, PullMessagesResponse> open() {
			this.stream = new ReopeningStream<>(ReopeningStreamTests.this.streams.client, "test stream",
					this.concurrency, this);
			ReopeningStreamTests.this.streams.open.add(this.stream);
			this.stream.start();
			return this.stream;
		}

		Handling next() {
			await().until(() -> !this.begun.isEmpty());
			return this.begun.remove();
		}

		Handling poll(Duration time) {
			await().atMost(time).until(() -> !this.begun.isEmpty());
			return this.begun.remove();
		}

		@Override
		public MethodDescriptor<PullMessagesRequest, PullMessagesResponse> method() {
			return PubSubGrpc.getPullMessagesMethod();
		}

		@Override
		public CompletionStage<?> prepare(Channel channel) {
			return this.preparation;
		}

		@Override
		public PullMessagesRequest opening() {
			return PullMessagesRequest.newBuilder().setTopic(Topic.newBuilder().setName("orders")).build();
		}

		@Override
		public void handle(PullMessagesResponse message, Settlement<PullMessagesRequest> settlement) {
			if (this.broken.getAndSet(false)) {
				throw new IllegalStateException("broken");
			}
			Handling handling = new Handling(message.getId());
			settlement.hold();
			handling.settlement = settlement;
			handling.answer.whenComplete((answer, failure) -> settlement.settle(answer, failure));
			handling.ended.thenRun(settlement::release);
			ReopeningStreamTests.this.all.add(handling);
			this.begun.add(handling);
		}

		@Override
		public void abandon() {
			this.abandoned.set(true);
		}

	}

	/**
	 * The object that the test kind injects: the access to the component.
	 */
	private static final class Streams implements Draining {

		private ComponentClient client;

		private final Queue<Draining> open = new ConcurrentLinkedQueue<>();

		private Streams(ComponentClient client) {
			this.client = client;
		}

		@Override
		public CompletionStage<?> drain(Duration grace) {
			return CompletableFuture.allOf(this.open.stream()
				.map((stream) -> stream.drain(grace).toCompletableFuture())
				.toArray(CompletableFuture[]::new));
		}

	}

	private static final class StreamsKind implements ComponentKind<Streams> {

		@Override
		public String name() {
			return "streams";
		}

		@Override
		public Class<Streams> type() {
			return Streams.class;
		}

		@Override
		public List<String> services() {
			return List.of(PubSubGrpc.SERVICE_NAME);
		}

		@Override
		public Streams createProxy(ComponentClient client) {
			return new Streams(client);
		}

	}

}
