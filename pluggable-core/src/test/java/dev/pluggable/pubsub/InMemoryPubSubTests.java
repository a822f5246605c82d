package dev.pluggable.pubsub;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.stream.StreamStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class InMemoryPubSubTests {

	private final String name = "t" + UUID.randomUUID();

	private final SettableClock clock = new SettableClock();

	private final SettableClock systemClock = new SettableClock();

	private final CountDownLatch end = new CountDownLatch(1);

	private InMemoryPubSub pubSub = component(Map.of());

	private InMemoryPubSub component(Map<String, String> metadata) {
		return new InMemoryPubSub(this.name, metadata, this.clock, this.systemClock);
	}

	private void replaced(Map<String, String> metadata) {
		this.pubSub.close();
		this.pubSub = component(metadata);
	}

	@AfterEach
	void close() {
		this.end.countDown();
		this.pubSub.close();
		await().untilAsserted(() -> assertThat(threads()).isEmpty());
	}

	private Set<String> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((thread) -> thread.contains(this.name))
			.collect(Collectors.toSet());
	}

	private static SubscribeRequest request(String topic) {
		return SubscribeRequest.of(topic).withConcurrency(1).withGrace(Duration.ofSeconds(5));
	}

	private void publish(String topic, String text) {
		this.pubSub.publish(PublishRequest.of(topic, text));
	}

	private void publishExpiring(String topic, String text, String seconds) {
		this.pubSub.publish(PublishRequest.of(topic, text).withMetadata(Map.of("ttlInSeconds", seconds)));
	}

	/**
	 * Create a group without a subscription.
	 */
	private void group(String topic) {
		this.pubSub.subscribe(topic, (message) -> MessageOutcome.ACK).close();
	}

	private List<String> receive(SubscribeRequest request) {
		List<String> texts = new CopyOnWriteArrayList<>();
		this.pubSub.subscribe(request, (message) -> {
			texts.add(new String(message.data(), StandardCharsets.UTF_8));
			return MessageOutcome.ACK;
		});
		return texts;
	}

	@Test
	void whenGroupIsFullThenPublishFailsAndNothingIsLost() {
		replaced(Map.of("maxMessages", "3"));
		group("orders");
		for (int i = 0; i < 3; i++) {
			publish("orders", "" + i);
		}
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> publish("orders", "3"))
			.withMessageContaining("'orders'")
			.withMessageContaining("3 messages")
			.withMessageContaining("maxMessages");
		publish("others", "x");
		List<String> texts = receive(request("orders"));
		await().untilAsserted(() -> assertThat(texts).containsExactly("0", "1", "2"));
		await().until(() -> this.pubSub.held("orders") == 0);
		publish("orders", "4");
		await().untilAsserted(() -> assertThat(texts).containsExactly("0", "1", "2", "4"));
	}

	@Test
	void whenMessagesAreBeingHandledOrComeAgainThenTheyCount() {
		replaced(Map.of("maxMessages", "2"));
		CountDownLatch began = new CountDownLatch(1);
		this.pubSub.subscribe(request("orders"), (message) -> {
			began.countDown();
			this.end.await();
			return MessageOutcome.ACK;
		});
		AtomicInteger retries = new AtomicInteger();
		this.pubSub.subscribe(request("retried"), (message) -> {
			retries.incrementAndGet();
			return MessageOutcome.RETRY;
		});
		publish("orders", "0");
		await().until(() -> began.getCount() == 0);
		publish("orders", "1");
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> publish("orders", "2"));
		publish("retried", "0");
		publish("retried", "1");
		await().until(() -> retries.get() >= 4);
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> publish("retried", "2"));
	}

	@Test
	void whenOneGroupIsFullThenNoGroupGetsTheMessage() {
		replaced(Map.of("maxMessages", "1"));
		group("orders/eu");
		publish("orders/eu", "0");
		List<String> texts = receive(request("orders/#"));
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> publish("orders/eu", "1"));
		publish("orders/us", "2");
		await().untilAsserted(() -> assertThat(texts).containsExactly("2"));
	}

	@Test
	void whenSomeOfABulkFindNoRoomThenTheyAreNamed() {
		replaced(Map.of("maxMessages", "1"));
		group("orders");
		assertThatExceptionOfType(BulkPublishException.class)
			.isThrownBy(() -> this.pubSub.bulkPublish(BulkPublishRequest.of("orders",
					List.of(BulkPublishRequest.Entry.of("a", new byte[0]),
							BulkPublishRequest.Entry.of("b", new byte[0])))))
			.satisfies((ex) -> assertThat(ex.getFailedEntries()).containsOnlyKeys("b"));
	}

	@Test
	void whenMessagesExpireThenTheyMakeRoomAndAreNotDelivered() {
		replaced(Map.of("maxMessages", "2"));
		group("orders");
		publishExpiring("orders", "0", "10");
		publishExpiring("orders", "1", "20");
		this.clock.now = this.clock.now.plusSeconds(9);
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> publish("orders", "2"));
		this.clock.now = this.clock.now.plusSeconds(1);
		publish("orders", "2");
		this.clock.now = this.clock.now.plusSeconds(10);
		List<String> texts = receive(request("orders"));
		await().untilAsserted(() -> assertThat(texts).containsExactly("2"));
		await().until(() -> this.pubSub.held("orders") == 0);
	}

	@ParameterizedTest
	@ValueSource(longs = { -3600, 3600 })
	void whenTheClockIsSetThenTheAgeOfASubscriptionStays(long seconds) {
		try (Subscription subscription = this.pubSub.subscribe("orders", (message) -> MessageOutcome.ACK)) {
			this.clock.now = this.clock.now.plusSeconds(60);
			this.systemClock.now = this.systemClock.now.plusSeconds(60 + seconds);
			assertThat(subscription.status().since()).isEqualTo(this.systemClock.now.minusSeconds(60));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-1", "1.5", "soon", "99999999999999999999" })
	void whenTtlIsNoPositiveNumberThenPublishFails(String ttl) {
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> publishExpiring("orders", "x", ttl))
			.withMessageContaining("'ttlInSeconds'");
	}

	@Test
	void whenTtlIsVeryLongThenMessageStays() {
		group("orders");
		publishExpiring("orders", "x", Long.toString(Long.MAX_VALUE));
		List<String> texts = receive(request("orders"));
		await().untilAsserted(() -> assertThat(texts).containsExactly("x"));
	}

	@Test
	void whenTtlIsEmptyThenItIsIgnored() {
		List<String> texts = receive(request("orders"));
		publishExpiring("orders", "x", "");
		await().untilAsserted(() -> assertThat(texts).containsExactly("x"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "0", "-1", "many" })
	void whenMaxMessagesIsNoPositiveNumberThenComponentIsNotMade(String setting) {
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> component(Map.of("maxMessages", setting)))
			.withMessageContaining("'maxMessages'");
	}

	@ParameterizedTest
	@CsvSource({ "orders, orders, true", "orders, orders/eu, false", "orders/#, orders/eu/de, true",
			"orders/#, orders, true", "orders/#, ordersx, false", "#, a/b, true", "orders/+, orders/eu, true",
			"orders/+, orders/eu/de, false", "orders/+, orders, false", "+/eu, orders/eu, true",
			"orders/+/de, orders/eu/de, true", "orders/+/de, orders/eu/fr, false", "a+, a+, true", "a+, ab, false" })
	void whenSubscribedWithWildcardsThenTheyAreThoseOfMqtt(String subscribed, String published, boolean matches) {
		assertThat(TopicFilter.of(subscribed).matches(published)).isEqualTo(matches);
	}

	@Test
	void whenWildcardsCannotBeUsedThenItIsSaid() {
		MessageHandler handler = (message) -> MessageOutcome.ACK;
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> this.pubSub.subscribe("orders/#/eu", handler))
			.withMessageContaining("must come last");
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> publish("orders/+", "x"))
			.withMessageContaining("'orders/+'");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> this.pubSub.subscribe(request("orders/#").withDeadLetterTopic("orders/dead"), handler))
			.withMessageContaining("'orders/dead'");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> this.pubSub.subscribe(request("orders").withDeadLetterTopic("dead/#"), handler));
	}

	@Test
	void whenThereAreTooManyGroupsThenSubscribeFails() {
		for (int i = 0; i < ConsumerGroups.MAX; i++) {
			group("topic-" + i);
		}
		group("topic-0");
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> group("one more"))
			.withMessageContaining("1000 groups");
		assertThat(this.pubSub.topics()).isEqualTo(ConsumerGroups.MAX);
	}

	@ParameterizedTest
	@ValueSource(strings = { "orders", "orders/#" })
	void whenGroupIsTemporaryThenItGoesWithItsLastSubscription(String topic) {
		replaced(Map.of("maxMessages", "1"));
		SubscribeRequest temporary = request(topic)
			.withMetadata(Map.of("consumerID", "client", "deletedWhenUnused", "true"));
		for (int i = 0; i <= ConsumerGroups.MAX; i++) {
			Subscription first = this.pubSub.subscribe(temporary, (message) -> MessageOutcome.RETRY);
			Subscription second = this.pubSub.subscribe(temporary, (message) -> MessageOutcome.RETRY);
			first.close();
			publish("orders", "one");
			assertThat(this.pubSub.held("orders")).isOne();
			second.close();
			assertThat(this.pubSub.held("orders")).isZero();
		}
		List<String> texts = receive(temporary);
		publish("orders", "later");
		await().untilAsserted(() -> assertThat(texts).containsExactly("later"));
	}

	@Test
	void whenConsumerIdIsThatOfTheComponentThenSubscriptionsShareIt() {
		replaced(Map.of("consumerID", "shop"));
		List<String> first = receive(request("orders"));
		List<String> second = receive(request("orders").withMetadata(Map.of("consumerID", "shop")));
		List<String> other = receive(request("orders").withMetadata(Map.of("consumerID", "audit")));
		for (int i = 0; i < 10; i++) {
			publish("orders", "" + i);
		}
		await().untilAsserted(() -> assertThat(other).hasSize(10));
		await().untilAsserted(() -> assertThat(first.size() + second.size()).isEqualTo(10));
	}

	@Test
	void whenNobodyHasSubscribedYetThenMessagesAreGone() {
		publish("orders", "early");
		List<String> texts = receive(request("orders"));
		publish("orders", "x");
		await().untilAsserted(() -> assertThat(texts).containsExactly("x"));
	}

	@Test
	void whenMessageWaitsForItsNextDeliveryThenOthersDoNot() {
		List<String> texts = new CopyOnWriteArrayList<>();
		this.pubSub.subscribe(request("orders"), (message) -> {
			String text = new String(message.data(), StandardCharsets.UTF_8);
			texts.add(text);
			return (text.equals("0") && texts.size() < 5) ? MessageOutcome.RETRY : MessageOutcome.ACK;
		});
		for (int i = 0; i < 4; i++) {
			publish("orders", "" + i);
		}
		// A list that grows meanwhile confuses the assertion.
		await().untilAsserted(() -> assertThat(List.copyOf(texts)).endsWith("0").contains("1", "2", "3"));
		await().until(() -> this.pubSub.held("orders") == 0);
	}

	@Test
	void whenSubscriberIsGoneThenAnotherGetsItsMessagesAtOnce() throws Exception {
		CountDownLatch began = new CountDownLatch(1);
		Subscription first = this.pubSub.subscribe(request("orders"), (message) -> {
			began.countDown();
			blockWhateverHappens();
			return MessageOutcome.ACK;
		});
		publish("orders", "0");
		assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
		List<String> second = receive(request("orders"));
		first.drain(Duration.ofMillis(50)).toCompletableFuture().get(10, TimeUnit.SECONDS);
		await().untilAsserted(() -> assertThat(second).containsExactly("0"));
		await().until(() -> this.pubSub.held("orders") == 0);
	}

	private void blockWhateverHappens() {
		boolean done = false;
		while (!done) {
			try {
				done = this.end.await(1, TimeUnit.MINUTES);
			}
			catch (InterruptedException ex) {
				// The test ignores interrupts.
			}
		}
	}

	@Test
	void whenManyPublishAndHandleThenEachMessageIsHandledOnce() throws Exception {
		Set<String> handled = ConcurrentHashMap.newKeySet();
		AtomicInteger calls = new AtomicInteger();
		MessageHandler handler = (message) -> {
			calls.incrementAndGet();
			handled.add(new String(message.data(), StandardCharsets.UTF_8));
			return MessageOutcome.ACK;
		};
		this.pubSub.subscribe(request("orders").withConcurrency(4), handler);
		this.pubSub.subscribe(request("orders").withConcurrency(4), handler);
		ExecutorService publishers = Executors.newFixedThreadPool(4);
		try {
			List<CompletableFuture<Void>> all = new ArrayList<>();
			for (int p = 0; p < 4; p++) {
				int number = p;
				all.add(CompletableFuture.runAsync(() -> {
					for (int i = 0; i < 2000; i++) {
						publish("orders", number + "-" + i);
					}
				}, publishers));
			}
			CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).get(50, TimeUnit.SECONDS);
		}
		finally {
			publishers.shutdown();
		}
		await().atMost(Duration.ofSeconds(30)).until(() -> this.pubSub.held("orders") == 0);
		assertThat(handled).hasSize(8000);
		assertThat(calls).hasValue(8000);
	}

	@Test
	void whenNothingIsHandledThenThereAreNoThreads() {
		for (int i = 0; i < 100; i++) {
			receive(request("topic-" + i));
		}
		assertThat(threads()).isEmpty();
		publish("topic-0", "x");
		await().until(() -> this.pubSub.held("topic-0") == 0);
		await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(threads()).isEmpty());
	}

	@Test
	void whenPausedThenStatusSaysSo() {
		Subscription subscription = this.pubSub.subscribe("orders", (message) -> MessageOutcome.ACK);
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		this.pubSub.pause();
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.WAITING);
		assertThat(subscription.status().reason()).isEqualTo("the component is paused");
		this.pubSub.resume();
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		subscription.close();
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		assertThat(subscription.topic()).isEqualTo("orders");
	}

	@Test
	void whenDrainedThenHandlersCanStillPublish() throws Exception {
		CountDownLatch began = new CountDownLatch(1);
		group("results");
		this.pubSub.subscribe(request("orders"), (message) -> {
			began.countDown();
			this.end.await();
			publish("results", "y");
			return MessageOutcome.ACK;
		});
		publish("orders", "x");
		assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
		CompletableFuture<?> drained = this.pubSub.drain(Duration.ofSeconds(10)).toCompletableFuture();
		assertThat(drained).isNotDone();
		assertThatExceptionOfType(ComponentUnavailableException.class)
			.isThrownBy(() -> this.pubSub.subscribe("orders", (message) -> MessageOutcome.ACK));
		this.end.countDown();
		drained.get(10, TimeUnit.SECONDS);
		assertThat(this.pubSub.held("results")).isEqualTo(1);
		assertThat(this.pubSub.held("orders")).isZero();
	}

	@Test
	void whenDrainedThenNewSubscriptionsGetTheMessagesThatWereNotHandled() throws Exception {
		this.pubSub.subscribe("orders", (message) -> MessageOutcome.ACK);
		this.pubSub.drain(Duration.ofSeconds(10)).toCompletableFuture().get(10, TimeUnit.SECONDS);
		publish("orders", "x");
		CountDownLatch handled = new CountDownLatch(1);
		this.pubSub.subscribe("orders", (message) -> {
			handled.countDown();
			return MessageOutcome.ACK;
		});
		assertThat(handled.await(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenClosedThenCallsSaySoAndClosingAgainDoesNothing() {
		Subscription subscription = this.pubSub.subscribe("orders", (message) -> MessageOutcome.ACK);
		this.pubSub.close();
		assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.CLOSED);
		assertThatExceptionOfType(ComponentUnavailableException.class).isThrownBy(() -> publish("orders", "x"))
			.withMessageContaining("closed");
		assertThatNoException().isThrownBy(this.pubSub::close);
		assertThatNoException().isThrownBy(subscription::close);
		assertThatNoException().isThrownBy(this.pubSub::resume);
	}

	@Test
	void whenHandlerOutlastsTheGraceThenCloseDoesNot() throws Exception {
		CountDownLatch interrupted = new CountDownLatch(1);
		CountDownLatch began = new CountDownLatch(1);
		this.pubSub.subscribe(request("orders").withGrace(Duration.ofMillis(100)), (message) -> {
			began.countDown();
			try {
				this.end.await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
			return MessageOutcome.ACK;
		});
		publish("orders", "x");
		assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
		this.pubSub.close();
		assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenClosedByAHandlerThenItEndsWithoutWaitingForItself() throws Exception {
		CountDownLatch closed = new CountDownLatch(1);
		Subscription subscription = this.pubSub.subscribe(request("orders"), (message) -> {
			this.pubSub.close();
			closed.countDown();
			return MessageOutcome.ACK;
		});
		publish("orders", "x");
		assertThat(closed.await(4, TimeUnit.SECONDS)).isTrue();
		await().until(() -> subscription.status().state() == StreamStatus.State.CLOSED);
		await().untilAsserted(() -> assertThat(threads()).isEmpty());
	}

	@Test
	void whenWaitingForTheEndIsInterruptedThenHandlersAreToo() throws Exception {
		CountDownLatch began = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		Subscription subscription = this.pubSub.subscribe(request("orders").withGrace(Duration.ofMinutes(5)),
				(message) -> {
					began.countDown();
					try {
						this.end.await();
					}
					catch (InterruptedException ex) {
						interrupted.countDown();
					}
					return MessageOutcome.ACK;
				});
		publish("orders", "x");
		assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
		Thread.currentThread().interrupt();
		subscription.close();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(this.pubSub.held("orders")).isEqualTo(1);
	}

	@Test
	void whenApplicationHasNoConfigurationThenItHasAnInMemoryComponent() {
		try (ComponentHost host = new ComponentHost(HostSettings.defaults())) {
			PubSub fallback = host.registry().find(PubSubKind.INSTANCE, "in-memory").orElseThrow().instance();
			assertThat(fallback).isInstanceOf(InMemoryPubSub.class);
		}
	}

	private static final class SettableClock extends Clock {

		private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

		@Override
		public Instant instant() {
			return this.now;
		}

	}

}
