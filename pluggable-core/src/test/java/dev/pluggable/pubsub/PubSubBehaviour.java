package dev.pluggable.pubsub;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.stream.StreamStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The behaviour of every pub/sub component, however it is called. Each run has topics of
 * its own, so that the component may have others. Tests of features that the component
 * does not list, and of abilities that the test class excludes, are skipped.
 */
public abstract class PubSubBehaviour {

	private static final String PROBE = "probe ";

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	/** Time in which an event must not happen. */
	private static final Duration QUIET = Duration.ofMillis(300);

	private final String run = UUID.randomUUID().toString();

	private final List<Subscription> subscriptions = new ArrayList<>();

	/** Blocks handlers until the end of the test. */
	private final CountDownLatch end = new CountDownLatch(1);

	/**
	 * The component under test.
	 * @return the same component, or another view of it, at each call within a test
	 */
	protected abstract PubSub pubSub();

	/**
	 * The features that are tested.
	 * @return names of features
	 */
	protected Set<String> features() {
		return pubSub().features();
	}

	/**
	 * Whether the content type of a message reaches its subscribers.
	 * @return {@code true} unless overridden
	 */
	protected boolean passesContentType() {
		return true;
	}

	/**
	 * Whether the metadata of a message reach its subscribers.
	 * @return {@code true} unless overridden
	 */
	protected boolean passesMetadata() {
		return true;
	}

	/**
	 * Whether the component knows groups of consumers by {@code consumerID}, and keeps
	 * messages for those that have no subscriber at the moment.
	 * @return {@code true} unless overridden
	 */
	protected boolean hasGroups() {
		return true;
	}

	/**
	 * Whether a subscription gets the next message before the last one is answered.
	 * @return {@code true} unless overridden
	 */
	protected boolean deliversInParallel() {
		return true;
	}

	/**
	 * The wildcard for all topics below a topic.
	 * @param topic the topic
	 * @return the topic to subscribe to
	 */
	protected String allBelow(String topic) {
		return topic + "/#";
	}

	/**
	 * A topic below another.
	 * @param topic the other topic
	 * @param name name of the lower one
	 * @return the topic
	 */
	protected String below(String topic, String name) {
		return topic + "/" + name;
	}

	@AfterEach
	void closeSubscriptions() {
		this.end.countDown();
		this.subscriptions.forEach(Subscription::close);
		closeComponent();
	}

	/**
	 * Close the objects of the test class, after the subscriptions.
	 */
	protected void closeComponent() {
	}

	private String topic(String name) {
		return this.run + "-" + name;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static String text(Message message) {
		return new String(message.data(), StandardCharsets.UTF_8);
	}

	private void publish(String topic, String text) {
		pubSub().publish(topic, bytes(text));
	}

	private void require(String feature) {
		assumeTrue(features().contains(feature), "The component does not have " + feature);
	}

	private static SubscribeRequest request(String topic) {
		return SubscribeRequest.of(topic).withGrace(Duration.ofSeconds(5));
	}

	private static SubscribeRequest member(SubscribeRequest request, String consumerId) {
		return request.withMetadata(Map.of(PubSubKind.CONSUMER_ID, consumerId));
	}

	private Subscription subscribe(SubscribeRequest request, MessageHandler handler) {
		return subscribe(request, request.topic(), handler);
	}

	/**
	 * Subscribe, and return when messages arrive. A component in another process does not
	 * confirm a subscription, so this method sends messages until one arrives.
	 */
	private Subscription subscribe(SubscribeRequest request, String probeTopic, MessageHandler handler) {
		Probed probed = new Probed(handler);
		Subscription subscription = pubSub().subscribe(request, probed);
		this.subscriptions.add(subscription);
		await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
			if (!probed.seen.get()) {
				publish(probeTopic, PROBE);
			}
			return probed.seen.get();
		});
		return subscription;
	}

	private void blockUntilEnd() throws InterruptedException {
		this.end.await();
	}

	@Test
	void whenPublishedThenSubscriberGetsTheData() {
		byte[] data = new byte[256];
		for (int i = 0; i < data.length; i++) {
			data[i] = (byte) i;
		}
		Recorder recorder = new Recorder();
		subscribe(request(topic("a")), recorder);
		pubSub().publish(topic("a"), data);
		recorder.await(1);
		assertThat(recorder.messages.get(0).data()).isEqualTo(data);
		assertThat(recorder.messages.get(0).topic()).isEqualTo(topic("a"));
	}

	@Test
	void whenDataAreEmptyOrLargeThenTheyArriveUnchanged() {
		byte[] large = new byte[1024 * 1024];
		large[large.length - 1] = 1;
		Recorder recorder = new Recorder();
		subscribe(request(topic("a")).withConcurrency(1), recorder);
		pubSub().publish(topic("a"), new byte[0]);
		pubSub().publish(topic("a"), large);
		recorder.await(2);
		assertThat(recorder.messages).map(Message::data).containsExactly(new byte[0], large);
	}

	@Test
	void whenCallerChangesItsArrayAfterwardsThenMessageStays() {
		Recorder recorder = new Recorder();
		CountDownLatch changed = new CountDownLatch(1);
		subscribe(request(topic("a")), (message) -> {
			changed.await();
			return recorder.handle(message);
		});
		byte[] data = bytes("one");
		pubSub().publish(topic("a"), data);
		data[0] = 'X';
		changed.countDown();
		recorder.awaitTexts("one");
	}

	@Test
	void whenPublishedWithContentTypeThenItArrives() {
		assumeTrue(passesContentType());
		Recorder recorder = new Recorder();
		subscribe(request(topic("a")), recorder);
		pubSub().publish(PublishRequest.of(topic("a"), bytes("{}")).withContentType("application/json"));
		recorder.await(1);
		assertThat(recorder.messages.get(0).contentType()).isEqualTo("application/json");
	}

	@Test
	void whenPublishedWithMetadataThenTheyArrive() {
		assumeTrue(passesMetadata());
		Recorder recorder = new Recorder();
		subscribe(request(topic("a")), recorder);
		pubSub().publish(PublishRequest.of(topic("a"), bytes("x")).withMetadata(Map.of("colour", "red")));
		recorder.await(1);
		assertThat(recorder.messages.get(0).metadata()).containsEntry("colour", "red");
	}

	@Test
	void whenPublishedToAnotherTopicThenNothingArrives() {
		Recorder recorder = new Recorder();
		subscribe(request(topic("a")).withConcurrency(1), recorder);
		publish(topic("b"), "other");
		publish(topic("a"), "mine");
		recorder.await(1);
		recorder.staysAt("mine");
	}

	@Test
	void whenAcknowledgedThenMessageDoesNotComeAgain() {
		Recorder recorder = new Recorder();
		subscribe(request(topic("a")), recorder);
		publish(topic("a"), "x");
		recorder.await(1);
		recorder.staysAt("x");
	}

	@Test
	void whenHandlerAsksForRetryThenMessageComesAgain() {
		Recorder recorder = new Recorder(MessageOutcome.RETRY, MessageOutcome.RETRY);
		subscribe(request(topic("a")), recorder);
		publish(topic("a"), "x");
		recorder.awaitTexts("x", "x", "x");
		recorder.staysAt("x", "x", "x");
	}

	@Test
	void whenHandlerThrowsThenMessageComesAgain() {
		Recorder recorder = new Recorder();
		AtomicInteger calls = new AtomicInteger();
		subscribe(request(topic("a")), (message) -> {
			if (calls.incrementAndGet() == 1) {
				throw new IllegalStateException("first time");
			}
			return recorder.handle(message);
		});
		publish(topic("a"), "x");
		recorder.awaitTexts("x");
		assertThat(calls).hasValue(2);
	}

	@Test
	void whenHandlerIsAsynchronousThenItsResultCounts() {
		List<CompletableFuture<MessageOutcome>> results = new CopyOnWriteArrayList<>();
		subscribe(request(topic("a")), MessageHandler.async((message) -> {
			CompletableFuture<MessageOutcome> result = new CompletableFuture<>();
			if (text(message).equals(PROBE)) {
				result.complete(MessageOutcome.ACK);
			}
			else {
				results.add(result);
			}
			return result;
		}));
		publish(topic("a"), "x");
		await().atMost(PATIENCE).until(() -> results.size() == 1);
		results.get(0).complete(MessageOutcome.RETRY);
		await().atMost(PATIENCE).until(() -> results.size() == 2);
		results.get(1).complete(MessageOutcome.ACK);
		await().during(QUIET).atMost(PATIENCE).until(() -> results.size() == 2);
	}

	@Test
	void whenDroppedThenMessageDoesNotComeAgain() {
		Recorder recorder = new Recorder(MessageOutcome.DROP);
		subscribe(request(topic("a")), recorder);
		publish(topic("a"), "x");
		recorder.await(1);
		recorder.staysAt("x");
	}

	@Test
	void whenThereAreAttemptsLeftThenHandlerIsCalledAgain() {
		Recorder recorder = new Recorder(MessageOutcome.RETRY, MessageOutcome.RETRY);
		subscribe(request(topic("a")).withAttempts(3, Duration.ofMillis(10)), recorder);
		publish(topic("a"), "x");
		recorder.awaitTexts("x", "x", "x");
		assertThat(recorder.messages).map(Message::id).containsOnly(recorder.messages.get(0).id());
		recorder.staysAt("x", "x", "x");
	}

	@Test
	void whenAttemptsAreUsedUpThenMessageGoesToDeadLetterTopic() {
		Recorder dead = new Recorder();
		subscribe(request(topic("dead")), dead);
		AtomicInteger calls = new AtomicInteger();
		subscribe(request(topic("a")).withAttempts(2, Duration.ZERO).withDeadLetterTopic(topic("dead")), (message) -> {
			calls.incrementAndGet();
			throw new IllegalStateException("never");
		});
		pubSub().publish(PublishRequest.of(topic("a"), bytes("x")).withContentType("text/plain"));
		dead.awaitTexts("x");
		if (passesContentType()) {
			assertThat(dead.messages.get(0).contentType()).isEqualTo("text/plain");
		}
		if (passesMetadata()) {
			assertThat(dead.messages.get(0).metadata())
				.containsEntry("deadLetterReason", "the handler failed with java.lang.IllegalStateException")
				.containsEntry("deadLetterSource", topic("a"));
		}
		await().during(QUIET).atMost(PATIENCE).until(() -> calls.get() == 2);
	}

	@Test
	void whenDroppedThenMessageGoesToDeadLetterTopic() {
		Recorder dead = new Recorder();
		subscribe(request(topic("dead")), dead);
		Recorder recorder = new Recorder(MessageOutcome.DROP);
		subscribe(request(topic("a")).withAttempts(5, Duration.ZERO).withDeadLetterTopic(topic("dead")), recorder);
		publish(topic("a"), "x");
		dead.awaitTexts("x");
		recorder.staysAt("x");
	}

	@Test
	void whenSubscribersAreOfOneGroupThenEachMessageGoesToOneOfThem() {
		assumeTrue(hasGroups());
		Recorder first = new Recorder();
		Recorder second = new Recorder();
		SubscribeRequest request = member(request(topic("a")).withConcurrency(1), "group");
		subscribe(request, first);
		subscribe(request, second);
		List<String> all = IntStream.range(0, 20).mapToObj(Integer::toString).toList();
		all.forEach((text) -> publish(topic("a"), text));
		await().atMost(PATIENCE).until(() -> first.messages.size() + second.messages.size() >= 20);
		List<String> received = new ArrayList<>(first.texts());
		received.addAll(second.texts());
		assertThat(received).containsExactlyInAnyOrderElementsOf(all);
	}

	@Test
	void whenOneOfAGroupIsBusyThenTheOtherGetsTheMessage() {
		assumeTrue(hasGroups());
		List<String> handled = new CopyOnWriteArrayList<>();
		AtomicBoolean blocked = new AtomicBoolean();
		MessageHandler handler = (message) -> {
			handled.add(text(message));
			if (blocked.compareAndSet(false, true)) {
				blockUntilEnd();
			}
			return MessageOutcome.ACK;
		};
		SubscribeRequest request = member(request(topic("a")).withConcurrency(1), "group");
		subscribe(request, handler);
		subscribe(request, handler);
		publish(topic("a"), "1");
		await().atMost(PATIENCE).until(() -> handled.size() == 1);
		publish(topic("a"), "2");
		await().atMost(PATIENCE).untilAsserted(() -> assertThat(handled).containsExactly("1", "2"));
	}

	@Test
	void whenSubscribersAreOfDifferentGroupsThenEachGetsAll() {
		assumeTrue(hasGroups());
		Recorder first = new Recorder();
		Recorder second = new Recorder();
		subscribe(member(request(topic("a")).withConcurrency(1), "one"), first);
		subscribe(member(request(topic("a")).withConcurrency(1), "two"), second);
		publish(topic("a"), "1");
		publish(topic("a"), "2");
		first.awaitTexts("1", "2");
		second.awaitTexts("1", "2");
	}

	@Test
	void whenNobodyIsSubscribedThenGroupGetsItsMessagesLater() {
		assumeTrue(hasGroups());
		SubscribeRequest request = member(request(topic("a")).withConcurrency(1), "group");
		subscribe(request, new Recorder()).close();
		publish(topic("a"), "1");
		publish(topic("a"), "2");
		Recorder later = new Recorder();
		subscribe(request, later);
		later.awaitTexts("1", "2");
	}

	@Test
	void whenConcurrencyIsOneThenOrderIsKept() {
		Recorder recorder = new Recorder();
		subscribe(request(topic("a")).withConcurrency(1), recorder);
		String[] texts = IntStream.range(0, 200).mapToObj(Integer::toString).toArray(String[]::new);
		for (String text : texts) {
			publish(topic("a"), text);
		}
		recorder.awaitTexts(texts);
	}

	@Test
	void whenMoreArriveThanConcurrencyThenRestWaits() {
		assumeTrue(deliversInParallel());
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		AtomicInteger handled = new AtomicInteger();
		CountDownLatch go = new CountDownLatch(1);
		Subscription subscription = subscribe(request(topic("a")).withConcurrency(3), (message) -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			go.await();
			running.decrementAndGet();
			handled.incrementAndGet();
			return MessageOutcome.ACK;
		});
		for (int i = 0; i < 12; i++) {
			publish(topic("a"), Integer.toString(i));
		}
		await().atMost(PATIENCE).until(() -> running.get() == 3);
		await().during(QUIET).atMost(PATIENCE).until(() -> running.get() == 3);
		assertThat(subscription.status().inFlight()).isEqualTo(3);
		go.countDown();
		await().atMost(PATIENCE).until(() -> handled.get() == 12);
		assertThat(most).hasValue(3);
	}

	@Test
	void whenPublishedInBulkThenAllArrive() {
		Recorder recorder = new Recorder();
		subscribe(request(topic("a")).withConcurrency(1), recorder);
		pubSub().bulkPublish(BulkPublishRequest.of(topic("a"),
				IntStream.range(0, 10)
					.mapToObj(
							(i) -> BulkPublishRequest.Entry.of("id" + i, bytes("m" + i)).withContentType("text/plain"))
					.toList()));
		await().atMost(PATIENCE)
			.untilAsserted(() -> assertThat(recorder.texts()).containsExactlyInAnyOrder("m0", "m1", "m2", "m3", "m4",
					"m5", "m6", "m7", "m8", "m9"));
		if (passesContentType()) {
			assertThat(recorder.messages).map(Message::contentType).containsOnly("text/plain");
		}
	}

	@Test
	void whenHandlerTakesTooLongThenItIsInterruptedAndMessageComesAgain() {
		Recorder recorder = new Recorder();
		AtomicInteger interrupted = new AtomicInteger();
		AtomicBoolean first = new AtomicBoolean(true);
		subscribe(request(topic("a")).withHandlerTimeout(Duration.ofMillis(500)), (message) -> {
			if (first.getAndSet(false)) {
				try {
					blockUntilEnd();
				}
				catch (InterruptedException ex) {
					interrupted.incrementAndGet();
				}
				return MessageOutcome.ACK;
			}
			return recorder.handle(message);
		});
		publish(topic("a"), "x");
		recorder.awaitTexts("x");
		await().atMost(PATIENCE).until(() -> interrupted.get() == 1);
	}

	@Test
	void whenClosedInTheMiddleOfHandlingThenThatIsFinishedFirst() throws Exception {
		CountDownLatch began = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		AtomicInteger handled = new AtomicInteger();
		SubscribeRequest request = request(topic("a")).withConcurrency(1);
		Subscription subscription = subscribe(request, (message) -> {
			began.countDown();
			go.await();
			handled.incrementAndGet();
			return MessageOutcome.ACK;
		});
		publish(topic("a"), "x");
		assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
		CompletableFuture<Void> closed = CompletableFuture.runAsync(subscription::close);
		await().atMost(PATIENCE).until(() -> subscription.status().state() == StreamStatus.State.DRAINING);
		assertThat(closed).isNotDone();
		go.countDown();
		closed.get(20, TimeUnit.SECONDS);
		assertThat(handled).hasValue(1);
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		Recorder later = new Recorder();
		subscribe(request, later);
		publish(topic("a"), "y");
		later.awaitTexts("y");
	}

	@Test
	void whenClosedBeforeAMessageIsHandledThenTheNextSubscriberGetsIt() throws Exception {
		assumeTrue(hasGroups());
		CountDownLatch began = new CountDownLatch(1);
		SubscribeRequest request = member(request(topic("a")).withConcurrency(1), "group");
		Subscription subscription = subscribe(request, (message) -> {
			began.countDown();
			blockUntilEnd();
			return MessageOutcome.ACK;
		});
		publish(topic("a"), "1");
		publish(topic("a"), "2");
		assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
		subscription.drain(Duration.ofMillis(100)).toCompletableFuture().get(20, TimeUnit.SECONDS);
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		Recorder later = new Recorder();
		subscribe(request, later);
		await().atMost(PATIENCE).untilAsserted(() -> assertThat(later.texts()).contains("1", "2"));
	}

	@Test
	void whenClosedByItsHandlerThenItDoesNotWaitForItself() throws Exception {
		CompletableFuture<Subscription> subscription = new CompletableFuture<>();
		CountDownLatch closed = new CountDownLatch(1);
		subscription.complete(subscribe(request(topic("a")), (message) -> {
			subscription.get().close();
			closed.countDown();
			return MessageOutcome.ACK;
		}));
		publish(topic("a"), "x");
		assertThat(closed.await(4, TimeUnit.SECONDS)).isTrue();
		await().atMost(PATIENCE).until(() -> subscription.join().status().state() == StreamStatus.State.CLOSED);
	}

	@Test
	void whenMessageHasExpiredThenItIsNotDelivered() {
		require(PubSubFeatures.MESSAGE_TTL);
		assumeTrue(hasGroups());
		SubscribeRequest request = member(request(topic("a")).withConcurrency(1), "group");
		subscribe(request, new Recorder()).close();
		pubSub().publish(PublishRequest.of(topic("a"), "short").withMetadata(Map.of("ttlInSeconds", "1")));
		pubSub().publish(PublishRequest.of(topic("a"), "long").withMetadata(Map.of("ttlInSeconds", "100")));
		long expired = System.nanoTime() + Duration.ofMillis(1500).toNanos();
		await().until(() -> System.nanoTime() > expired);
		Recorder later = new Recorder();
		subscribe(request, later);
		later.awaitTexts("long");
	}

	@Test
	void whenSubscribedWithWildcardThenMessagesOfAllTopicsBelowArrive() {
		require(PubSubFeatures.SUBSCRIBE_WILDCARDS);
		Recorder recorder = new Recorder();
		subscribe(request(allBelow(topic("a"))).withConcurrency(1), below(topic("a"), "probe"), recorder);
		publish(below(topic("a"), "x"), "1");
		publish(topic("b"), "2");
		publish(below(topic("a"), "y"), "3");
		recorder.awaitTexts("1", "3");
		assertThat(recorder.messages).map(Message::topic)
			.containsExactly(below(topic("a"), "x"), below(topic("a"), "y"));
	}

	@Test
	void whenPausedThenMessagesComeAfterResume() {
		Recorder recorder = new Recorder();
		subscribe(request(topic("a")).withConcurrency(1), recorder);
		try {
			pubSub().pause();
		}
		catch (UnsupportedOperationByComponentException ex) {
			assumeTrue(false, "The component cannot pause");
		}
		publish(topic("a"), "1");
		recorder.staysAt();
		pubSub().resume();
		recorder.awaitTexts("1");
	}

	/**
	 * Ignores the messages that try whether a subscription has begun.
	 */
	private static final class Probed implements MessageHandler {

		private final MessageHandler handler;

		private final AtomicBoolean seen = new AtomicBoolean();

		private Probed(MessageHandler handler) {
			this.handler = handler;
		}

		private boolean isProbe(Message message) {
			boolean probe = text(message).equals(PROBE);
			if (probe) {
				this.seen.set(true);
			}
			return probe;
		}

		@Override
		public MessageOutcome handle(Message message) throws Exception {
			return isProbe(message) ? MessageOutcome.ACK : this.handler.handle(message);
		}

		@Override
		public CompletionStage<MessageOutcome> handleAsync(Message message) {
			return isProbe(message) ? CompletableFuture.completedFuture(MessageOutcome.ACK)
					: this.handler.handleAsync(message);
		}

	}

	/**
	 * Records messages. It returns the outcomes of the test first, and then acknowledges.
	 */
	private static final class Recorder implements MessageHandler {

		private final List<Message> messages = new CopyOnWriteArrayList<>();

		private final List<MessageOutcome> outcomes;

		private Recorder(MessageOutcome... outcomes) {
			this.outcomes = new ArrayList<>(List.of(outcomes));
		}

		@Override
		public synchronized MessageOutcome handle(Message message) {
			this.messages.add(message);
			return this.outcomes.isEmpty() ? MessageOutcome.ACK : this.outcomes.remove(0);
		}

		private List<String> texts() {
			return this.messages.stream().map(PubSubBehaviour::text).toList();
		}

		private void await(int count) {
			org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> this.messages.size() >= count);
		}

		private void awaitTexts(String... texts) {
			org.awaitility.Awaitility.await()
				.atMost(PATIENCE)
				.untilAsserted(() -> assertThat(texts()).containsExactly(texts));
		}

		private void staysAt(String... texts) {
			org.awaitility.Awaitility.await()
				.during(QUIET)
				.atMost(PATIENCE)
				.untilAsserted(() -> assertThat(texts()).containsExactly(texts));
		}

	}

}
