package dev.pluggable.pubsub;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import com.google.protobuf.ByteString;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.proto.components.v1.PubSubProto.PullMessagesRequest;
import dev.pluggable.proto.components.v1.PubSubProto.PullMessagesResponse;
import dev.pluggable.stream.StreamStatus;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link GrpcSubscription} on a real socket, against a component whose streams
 * the test writes.
 */
@Timeout(60)
class GrpcSubscriptionTests {

	@TempDir
	Path folder;

	private ScriptedPubSub component;

	private ComponentHost host;

	private PubSub bus;

	@BeforeEach
	void start() {
		this.component = component();
		this.host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List.of(new ComponentDeclaration("bus", ComponentType.of("pubsub.bus"), false, Map.of(),
					HostSettings.defaultComponentSettings()))));
		this.host.start();
		this.bus = this.host.registry().find(PubSubKind.INSTANCE, "bus").orElseThrow().instance();
	}

	private ScriptedPubSub component() {
		return new ScriptedPubSub(this.folder.resolve("bus.sock"));
	}

	@AfterEach
	void close() {
		this.host.close();
		this.component.close();
	}

	private static SubscribeRequest orders() {
		return SubscribeRequest.of("orders").withConcurrency(1);
	}

	private static String text(Message message) {
		return new String(message.data(), StandardCharsets.UTF_8);
	}

	@Test
	void whenSubscribedThenTopicAndMetadataComeFirst() {
		this.bus.subscribe(orders().withMetadata(Map.of("rawPayload", "true")), (message) -> MessageOutcome.ACK);
		ScriptedPubSub.Stream pull = this.component.stream();
		assertThat(pull.topic.getName()).isEqualTo("orders");
		assertThat(pull.topic.getMetadataMap()).containsExactly(Map.entry("rawPayload", "true"));
	}

	@Test
	void whenMessageArrivesThenHandlerSeesAllOfIt() {
		Queue<Message> messages = new ConcurrentLinkedQueue<>();
		this.bus.subscribe(orders(), (message) -> {
			messages.add(message);
			return MessageOutcome.ACK;
		});
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send(PullMessagesResponse.newBuilder()
			.setId("7")
			.setTopicName("orders.eu")
			.setData(ByteString.copyFromUtf8("{}"))
			.setContentType("application/json")
			.putMetadata("partition", "3")
			.build());
		assertThat(pull.answer()).isEqualTo(PullMessagesRequest.newBuilder().setAckMessageId("7").build());
		assertThat(messages).containsExactly(new Message("7", "orders.eu", "{}".getBytes(StandardCharsets.UTF_8),
				"application/json", Map.of("partition", "3")));
		pull.send(PullMessagesResponse.newBuilder().build());
		PullMessagesRequest empty = pull.answer();
		assertThat(empty.getAckMessageId()).isEmpty();
		assertThat(messages).last().isEqualTo(new Message("", "orders", new byte[0], null, Map.of()));
	}

	@Test
	void whenAMessageIsTooLargeThenTheComponentIsToldAndTheNextOneIsHandled() {
		Queue<String> handled = new ConcurrentLinkedQueue<>();
		Subscription subscription = this.bus.subscribe(orders(), (message) -> {
			handled.add(message.id());
			return MessageOutcome.ACK;
		});
		ScriptedPubSub.Stream pull = this.component.stream();
		for (int i = 0; i < 3; i++) {
			pull.send("large", "x".repeat(5_000_000));
			PullMessagesRequest refused = pull.answer();
			assertThat(refused.getAckMessageId()).isEqualTo("large");
			assertThat(refused.getAckError().getMessage()).contains("larger than the application accepts");
			pull.send("small" + i, "x");
			assertThat(pull.answer().hasAckError()).isFalse();
		}
		assertThat(handled).containsExactly("small0", "small1", "small2");
		assertThat(subscription.status().reconnects()).isZero();
	}

	@Test
	void whenHandlerAsksOrFailsThenComponentIsToldWithoutPayload() {
		this.bus.subscribe(orders(), (message) -> switch (text(message)) {
			case "retry" -> MessageOutcome.RETRY;
			case "drop" -> MessageOutcome.DROP;
			case "null" -> null;
			default -> throw new IllegalStateException("cannot handle " + text(message));
		});
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "retry");
		assertThat(pull.answer().getAckError().getMessage()).isEqualTo("the handler asked for another attempt");
		pull.send("2", "drop");
		PullMessagesRequest dropped = pull.answer();
		assertThat(dropped.getAckMessageId()).isEqualTo("2");
		assertThat(dropped.hasAckError()).isFalse();
		pull.send("3", "s3cret");
		assertThat(pull.answer().getAckError().getMessage()).contains("IllegalStateException").doesNotContain("s3cret");
		pull.send("4", "null");
		assertThat(pull.answer().hasAckError()).isTrue();
	}

	@Test
	void whenHandlerBlocksThenItIsInterruptedAndComponentToldAndTheNextOneHandled() {
		CountDownLatch never = new CountDownLatch(1);
		this.bus.subscribe(orders().withHandlerTimeout(Duration.ofMillis(50)), (message) -> {
			if (text(message).equals("hang")) {
				never.await();
			}
			return MessageOutcome.ACK;
		});
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "hang");
		pull.send("2", "quick");
		assertThat(pull.answer().getAckError().getMessage()).isEqualTo("not handled within 0.05s");
		assertThat(pull.answer()).isEqualTo(PullMessagesRequest.newBuilder().setAckMessageId("2").build());
	}

	@Test
	void whenAttemptsAreUsedUpThenMessageGoesToTheDeadLetterTopicAndIsAcknowledged() {
		AtomicInteger attempts = new AtomicInteger();
		this.bus.subscribe(orders().withAttempts(3, Duration.ofMillis(1)).withDeadLetterTopic("dead"), (message) -> {
			attempts.incrementAndGet();
			throw new IllegalStateException("no");
		});
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		assertThat(pull.answer()).isEqualTo(PullMessagesRequest.newBuilder().setAckMessageId("1").build());
		assertThat(attempts).hasValue(3);
		assertThat(this.component.published).singleElement().satisfies((published) -> {
			assertThat(published.getTopic()).isEqualTo("dead");
			assertThat(published.getData().toStringUtf8()).isEqualTo("a");
		});
	}

	@Test
	void whenDeadLetterTopicDoesNotTakeItThenMessageGoesBack() {
		this.component.publishStatus = Status.RESOURCE_EXHAUSTED;
		this.bus.subscribe(orders().withDeadLetterTopic("dead"), (message) -> MessageOutcome.DROP);
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		assertThat(pull.answer().hasAckError()).isTrue();
	}

	@Test
	void whenIdsAreEmptyOrComeTwiceThenEachDeliveryIsHandledAndAnswered() {
		Queue<String> handled = new ConcurrentLinkedQueue<>();
		this.bus.subscribe(orders(), (message) -> {
			handled.add(text(message));
			return MessageOutcome.ACK;
		});
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("", "a");
		pull.send("", "b");
		pull.send("x", "c");
		pull.send("x", "c");
		for (String id : List.of("", "", "x", "x")) {
			assertThat(pull.answer().getAckMessageId()).isEqualTo(id);
		}
		assertThat(handled).containsExactly("a", "b", "c", "c");
	}

	@Test
	@Timeout(120)
	void whenComponentSends100000MessagesThenOnlyAFewAreHereAtATime() {
		CountDownLatch gate = new CountDownLatch(1);
		AtomicInteger handled = new AtomicInteger();
		Subscription subscription = this.bus.subscribe(orders().withConcurrency(4), (message) -> {
			gate.await();
			handled.incrementAndGet();
			return MessageOutcome.ACK;
		});
		ScriptedPubSub.Stream pull = this.component.stream();
		String payload = "x".repeat(1000);
		int sent = 0;
		while (pull.isReady() || subscription.status().inFlight() < 4) {
			await().until(() -> pull.isReady() || subscription.status().inFlight() == 4);
			if (pull.isReady()) {
				pull.send("" + sent++, payload);
			}
		}
		// Flow control has stopped the component, so that no further messages arrive.
		assertThat(sent).isLessThan(5000);
		assertThat(subscription.status().received()).isEqualTo(4);
		gate.countDown();
		while (sent < 100_000) {
			pull.awaitReady();
			pull.send("" + sent++, payload);
		}
		await().atMost(Duration.ofSeconds(50)).until(() -> handled.get() == 100_000);
	}

	@Test
	void whenStreamBreaksInTheMiddleThenSubscriptionGoesOnAndOldAnswersAreNotSent() {
		CountDownLatch gate = new CountDownLatch(1);
		Queue<String> handled = new ConcurrentLinkedQueue<>();
		Subscription subscription = this.bus.subscribe(orders().withConcurrency(2), (message) -> {
			if (text(message).equals("slow")) {
				gate.await();
			}
			handled.add(text(message));
			return MessageOutcome.ACK;
		});
		ScriptedPubSub.Stream first = this.component.stream();
		first.send("1", "slow");
		await().until(() -> subscription.status().inFlight() == 1);
		first.fail(Status.INTERNAL);
		ScriptedPubSub.Stream second = this.component.stream();
		second.send("1", "again");
		assertThat(second.answer().getAckMessageId()).isEqualTo("1");
		gate.countDown();
		await().until(() -> handled.size() == 2);
		second.send("2", "next");
		assertThat(second.answer().getAckMessageId()).isEqualTo("2");
		assertThat(first.answers).isEmpty();
		assertThat(second.answers).isEmpty();
	}

	@Test
	void whenComponentKnowsPauseThenItIsPausedBeforeTheLastSubscriptionEndsAndResumedBeforeTheFirst() {
		this.component.pausable = true;
		Subscription one = this.bus.subscribe("a", (message) -> MessageOutcome.ACK);
		Subscription two = this.bus.subscribe("b", (message) -> MessageOutcome.ACK);
		this.component.stream();
		this.component.stream();
		await().until(() -> one.status().state() == StreamStatus.State.ACTIVE
				&& two.status().state() == StreamStatus.State.ACTIVE);
		this.component.calls.clear();
		one.close();
		assertThat(this.component.calls).isEmpty();
		two.close();
		assertThat(this.component.calls).containsExactly("Pause");
		this.bus.subscribe("c", (message) -> MessageOutcome.ACK);
		this.component.stream();
		assertThat(this.component.calls).containsExactly("Pause", "Resume");
	}

	@Test
	void whenHostClosesThenComponentIsPausedAndWhatIsHandledIsAcknowledged() throws Exception {
		this.component.pausable = true;
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch gate = new CountDownLatch(1);
		this.bus.subscribe(orders(), (message) -> {
			begun.countDown();
			gate.await();
			return MessageOutcome.ACK;
		});
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		pull.send("2", "b");
		assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
		Thread closing = new Thread(this.host::close);
		closing.start();
		await().until(() -> this.component.calls.contains("Pause"));
		gate.countDown();
		assertThat(pull.answer().getAckMessageId()).isEqualTo("1");
		closing.join(TimeUnit.SECONDS.toMillis(30));
		assertThat(closing.isAlive()).isFalse();
		assertThat(pull.answers).as("answers for what was not handled")
			.allSatisfy((answer) -> assertThat(answer)
				.isEqualTo(PullMessagesRequest.newBuilder().setAckMessageId("2").build()));
		assertThatExceptionOfType(ComponentUnavailableException.class)
			.isThrownBy(() -> this.bus.subscribe("x", (message) -> MessageOutcome.ACK));
	}

	@Test
	void whenClosedThenItWaitsForTheHandlerAndTellsTheComponent() {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch gate = new CountDownLatch(1);
		Subscription subscription = this.bus.subscribe(orders(), (message) -> {
			begun.countDown();
			gate.await();
			return MessageOutcome.ACK;
		});
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		await().until(() -> begun.getCount() == 0);
		CompletableFuture<Void> closing = CompletableFuture.runAsync(subscription::close);
		await().until(() -> subscription.status().state() == StreamStatus.State.DRAINING);
		assertThat(closing).isNotDone();
		gate.countDown();
		assertThat(pull.answer().getAckMessageId()).isEqualTo("1");
		await().until(closing::isDone);
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		subscription.close();
	}

	@Test
	void whenHandlerClosesItsOwnSubscriptionThenItDoesNotWaitForItself() {
		AtomicReference<Subscription> subscription = new AtomicReference<>();
		CountDownLatch subscribed = new CountDownLatch(1);
		subscription.set(this.bus.subscribe(orders(), (message) -> {
			subscribed.await();
			subscription.get().close();
			return MessageOutcome.ACK;
		}));
		subscribed.countDown();
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		assertThat(pull.answer()).isEqualTo(PullMessagesRequest.newBuilder().setAckMessageId("1").build());
		await().until(() -> subscription.get().status().state() == StreamStatus.State.CLOSED);
	}

	@Test
	void whenGraceIsOverThenHandlerIsInterruptedAndMessageGetsNoAnswerAndNoDeadLetter() {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		Subscription subscription = this.bus
			.subscribe(orders().withGrace(Duration.ofMillis(50)).withDeadLetterTopic("dead"), (message) -> {
				begun.countDown();
				try {
					new CountDownLatch(1).await();
				}
				catch (InterruptedException ex) {
					interrupted.countDown();
				}
				throw new IllegalStateException();
			});
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		await().until(() -> begun.getCount() == 0);
		subscription.close();
		await().until(() -> interrupted.getCount() == 0);
		await().until(() -> pull.cancelled);
		assertThat(pull.answers).isEmpty();
		assertThat(this.component.published).isEmpty();
	}

	@Test
	void whenHostHasClosedThenNoThreadIsLeft() {
		this.bus.subscribe(orders(), (message) -> MessageOutcome.ACK);
		ScriptedPubSub.Stream pull = this.component.stream();
		pull.send("1", "a");
		pull.answer();
		this.host.close();
		this.component.close();
		await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
			.noneMatch((name) -> name.startsWith("pluggable-")));
	}

}
