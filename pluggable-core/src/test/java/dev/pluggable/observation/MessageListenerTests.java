package dev.pluggable.observation;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.BindingHandler;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.InputBindingKind;
import dev.pluggable.bindings.InvokeRequest;
import dev.pluggable.bindings.InvokeResponse;
import dev.pluggable.bindings.OutputBinding;
import dev.pluggable.bindings.OutputBindingKind;
import dev.pluggable.bindings.ReadRequest;
import dev.pluggable.bindings.Reading;
import dev.pluggable.fixtures.SubscribedPubSub;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.observation.MessageListener.Outcome;
import dev.pluggable.pubsub.BulkPublishRequest;
import dev.pluggable.pubsub.Message;
import dev.pluggable.pubsub.MessageDroppedException;
import dev.pluggable.pubsub.MessageHandler;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PubSubKind;
import dev.pluggable.pubsub.PublishRequest;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.pubsub.Subscription;
import dev.pluggable.server.ComponentServer;
import dev.pluggable.stream.StreamStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link MessageListener} with the component in memory, and with components
 * behind sockets.
 */
class MessageListenerTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final ThreadLocal<@Nullable ObservedMessage> CURRENT = new ThreadLocal<>();

	@TempDir
	private Path folder;

	private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

	private final Queue<ObservedMessage> received = new ConcurrentLinkedQueue<>();

	private final Queue<ObservedSubscription> subscriptions = new ConcurrentLinkedQueue<>();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private @Nullable SubscribedPubSub served;

	private MessageListener listener = new Listener();

	private volatile Map<String, String> fields = Map.of();

	@AfterEach
	void close() throws Exception {
		for (int i = this.resources.size() - 1; i >= 0; i--) {
			this.resources.get(i).close();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "pubsub.in-memory", "pubsub.bus" })
	void hearsWhatBecomesOfAMessage(String type) throws Exception {
		PubSub pubSub = pubSub(type);
		Queue<@Nullable ObservedMessage> current = new ConcurrentLinkedQueue<>();
		pubSub.subscribe(SubscribeRequest.of("orders").withAttempts(2, Duration.ZERO), new Named((message) -> {
			current.add(CURRENT.get());
			return switch (text(message)) {
				case "ack" -> MessageOutcome.ACK;
				case "drop" -> MessageOutcome.DROP;
				case "poison" -> throw new MessageDroppedException("no use");
				default -> throw new IllegalStateException();
			};
		}));
		for (String text : List.of("ack", "drop", "poison", "fail")) {
			await(pubSub);
			pubSub.publish("orders", text.getBytes(StandardCharsets.UTF_8));
			assertThat(this.ended.poll(20, TimeUnit.SECONDS)).isEqualTo(switch (text) {
				case "ack" -> "bus pubsub orders Orders.place: ACK null";
				case "drop", "poison" -> "bus pubsub orders Orders.place: DROP null";
				default -> "bus pubsub orders Orders.place: RETRY java.lang.IllegalStateException";
			});
		}
		assertThat(current).hasSizeGreaterThanOrEqualTo(5).doesNotContainNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "pubsub.in-memory", "pubsub.bus" })
	void hearsOfADeadLetterOnce(String type) throws Exception {
		PubSub pubSub = pubSub(type);
		pubSub.subscribe(SubscribeRequest.of("orders").withDeadLetterTopic("dead").withAttempts(3, Duration.ZERO),
				(message) -> {
					throw new IllegalStateException();
				});
		await(pubSub);
		pubSub.publish("orders", new byte[0]);
		assertThat(this.ended.poll(20, TimeUnit.SECONDS))
			.isEqualTo("bus pubsub orders null: DEAD_LETTER java.lang.IllegalStateException");
		assertThat(this.received).hasSize(1);
		assertThat(this.ended).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "pubsub.in-memory", "pubsub.bus" })
	void theScopeOfAnAsynchronousHandlerEndsOnItsThread(String type) throws Exception {
		PubSub pubSub = pubSub(type);
		CompletableFuture<MessageOutcome> outcome = new CompletableFuture<>();
		CompletableFuture<@Nullable ObservedMessage> current = new CompletableFuture<>();
		pubSub.subscribe("orders", MessageHandler.async((message) -> {
			current.complete(CURRENT.get());
			return outcome;
		}));
		await(pubSub);
		pubSub.publish("orders", new byte[0]);
		assertThat(current).succeedsWithin(TIMEOUT).isNotNull();
		assertThat(this.ended).isEmpty();
		outcome.complete(MessageOutcome.ACK);
		assertThat(this.ended.poll(20, TimeUnit.SECONDS)).isEqualTo("bus pubsub orders null: ACK null");
	}

	@ParameterizedTest
	@ValueSource(strings = { "pubsub.in-memory", "pubsub.bus" })
	void aListenerThatThrowsNeitherLosesNorHoldsMessages(String type) throws Exception {
		this.listener = new Throwing(false);
		handlesThree(pubSub(type));
		this.listener = new Throwing(true);
		handlesThree(component(PubSubKind.INSTANCE, type));
	}

	private void handlesThree(PubSub pubSub) throws InterruptedException {
		BlockingQueue<String> handled = new LinkedBlockingQueue<>();
		Subscription subscription = pubSub.subscribe(SubscribeRequest.of("orders").withConcurrency(1), (message) -> {
			handled.add(text(message));
			return MessageOutcome.ACK;
		});
		this.resources.add(subscription::close);
		org.awaitility.Awaitility.await()
			.atMost(TIMEOUT)
			.until(() -> subscription.status().state() == StreamStatus.State.ACTIVE);
		if (this.served != null) {
			this.served.awaitSubscription();
		}
		for (String text : List.of("1", "2", "3")) {
			pubSub.publish("orders", text.getBytes(StandardCharsets.UTF_8));
			assertThat(handled.poll(20, TimeUnit.SECONDS)).isEqualTo(text);
		}
		org.awaitility.Awaitility.await().atMost(TIMEOUT).until(() -> subscription.status().inFlight() == 0);
		assertThat(handled).isEmpty();
		subscription.close();
	}

	@Test
	void anErrorOfABlockingHandlerIsNoSuccess() {
		Mailbox mailbox = new Mailbox();
		InputBindingKind.INSTANCE
			.observe(mailbox,
					new ComponentContext("in", ComponentType.of("bindings.x"), Map.of(), ApplicationIdentity.UNKNOWN),
					this.listener)
			.read((event) -> {
				throw new AssertionError("x");
			});
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> mailbox.handler.join().handle(new BindingEvent("1", new byte[0], null, Map.of())));
		assertThat(this.ended.poll()).isEqualTo("in input-bindings null null: RETRY java.lang.AssertionError");
	}

	@ParameterizedTest
	@ValueSource(strings = { "pubsub.in-memory", "pubsub.bus" })
	void messagesCarryTheTraceOfThePublisher(String type) throws Exception {
		PubSub pubSub = pubSub(type);
		pubSub.subscribe("orders", (message) -> MessageOutcome.ACK);
		await(pubSub);
		this.fields = Map.of("traceparent", "00-1-2-01", "tracestate", "a=b");
		pubSub.publish(PublishRequest.of("orders", "1").withMetadata(Map.of("k", "v")));
		assertThat(next().metadata()).containsEntry("traceparent", "00-1-2-01")
			.containsEntry("tracestate", "a=b")
			.containsEntry("k", "v");
		pubSub.bulkPublish(
				BulkPublishRequest.of("orders", List.of(BulkPublishRequest.Entry.of("1", new byte[] { '1' }))));
		assertThat(next().metadata()).containsEntry("traceparent", "00-1-2-01").containsEntry("tracestate", "a=b");
		pubSub.publish(PublishRequest.of("orders", "1").withMetadata(Map.of("traceparent", "00-3-4-00")));
		assertThat(next().metadata()).containsEntry("traceparent", "00-3-4-00").doesNotContainKey("tracestate");
		this.fields = Map.of();
		pubSub.publish(PublishRequest.of("orders", "1"));
		assertThat(next().metadata()).doesNotContainKey("traceparent");
	}

	@ParameterizedTest
	@ValueSource(strings = { "pubsub.in-memory", "pubsub.bus" })
	void hearsOfASubscription(String type) throws Exception {
		PubSub pubSub = pubSub(type);
		pubSub.subscribe(SubscribeRequest.of("orders").withConcurrency(3), (message) -> MessageOutcome.ACK);
		assertThat(this.subscriptions).singleElement().satisfies((subscription) -> {
			assertThat(subscription.component()).isEqualTo("bus");
			assertThat(subscription.topic()).isEqualTo("orders");
			assertThat(subscription.concurrency()).isEqualTo(3);
			assertThat(subscription.status().get().inFlight()).isZero();
		});
	}

	@Test
	void hearsOfEventsOfABindingBehindASocket() throws Exception {
		Mailbox mailbox = new Mailbox();
		serve(InputBindingKind.INSTANCE, mailbox);
		hearsOfEvents(component(InputBindingKind.INSTANCE, "bindings.bus"), mailbox);
	}

	private void hearsOfEvents(InputBinding binding, Mailbox mailbox) throws Exception {
		Queue<@Nullable ObservedMessage> current = new ConcurrentLinkedQueue<>();
		binding.read((event) -> {
			current.add(CURRENT.get());
			if (event.data().length == 0) {
				throw new IllegalStateException();
			}
			return null;
		});
		BindingHandler handler = mailbox.handler.get(20, TimeUnit.SECONDS);
		handler.handleAsync(new BindingEvent("1", new byte[] { 1 }, null, Map.of("traceparent", "00-1-2-01")));
		assertThat(this.ended.poll(20, TimeUnit.SECONDS)).isEqualTo("bus input-bindings null null: ACK null");
		handler.handleAsync(new BindingEvent("2", new byte[0], null, Map.of()));
		assertThat(this.ended.poll(20, TimeUnit.SECONDS))
			.isEqualTo("bus input-bindings null null: RETRY java.lang.IllegalStateException");
		assertThat(current).hasSize(2).doesNotContainNull();
		assertThat(this.received.remove().metadata()).containsEntry("traceparent", "00-1-2-01");
		assertThat(this.subscriptions).hasSize(1);
	}

	@Test
	void anOutputBindingGetsTheTraceOfTheCaller() throws Exception {
		BlockingQueue<InvokeRequest> invoked = new LinkedBlockingQueue<>();
		serve(OutputBindingKind.INSTANCE, new OutputBinding() {

			@Override
			public InvokeResponse invoke(InvokeRequest request) {
				invoked.add(request);
				return new InvokeResponse(new byte[0], null, Map.of());
			}

			@Override
			public Set<String> operations() {
				return Set.of("create");
			}

		});
		OutputBinding binding = component(OutputBindingKind.INSTANCE, "bindings.bus");
		this.fields = Map.of("traceparent", "00-1-2-01");
		binding.invoke(InvokeRequest.of("create", new byte[0]));
		assertThat(invoked.remove().metadata()).isEqualTo(Map.of("traceparent", "00-1-2-01"));
	}

	private PubSub pubSub(String type) throws Exception {
		if (type.equals("pubsub.bus")) {
			SubscribedPubSub pubSub = new SubscribedPubSub();
			this.served = pubSub;
			this.resources.add(pubSub);
			serve(PubSubKind.INSTANCE, pubSub);
		}
		return component(PubSubKind.INSTANCE, type);
	}

	private <T> void serve(ComponentKind<T> kind, T instance) throws Exception {
		this.resources
			.add(ComponentServer.inFolder(this.folder, "bus").serve(kind, (name, metadata) -> instance).start());
	}

	private <T> T component(ComponentKind<T> kind, String type) {
		ComponentHost host = new ComponentHost(
				HostSettings.defaults()
					.withSocketFolders(Set.of(this.folder))
					.withDeclarations(List.of(new ComponentDeclaration("bus", ComponentType.of(type), true,
							type.startsWith("bindings") ? Map.of("direction", kind.name().replace("-bindings", ""))
									: Map.of(),
							HostSettings.defaultComponentSettings()))),
				List.of(), List.of(), (endpoint, builder) -> {
				}, Observers.NONE.withMessages(this.listener));
		this.resources.add(host);
		host.start();
		assertThat(host.awaitRequired(TIMEOUT)).isEmpty();
		return host.registry().components(kind).get("bus");
	}

	/**
	 * Wait for a subscription, because the component in memory keeps no message before.
	 */
	private void await(PubSub pubSub) {
		ObservedSubscription subscription = this.subscriptions.element();
		org.awaitility.Awaitility.await()
			.atMost(TIMEOUT)
			.until(() -> subscription.status().get().state() == StreamStatus.State.ACTIVE);
		if (this.served != null) {
			this.served.awaitSubscription();
		}
	}

	private ObservedMessage next() throws InterruptedException {
		assertThat(this.ended.poll(20, TimeUnit.SECONDS)).endsWith("ACK null");
		return this.received.remove();
	}

	private static String text(Message message) {
		return new String(message.data(), StandardCharsets.UTF_8);
	}

	/**
	 * Writes down what it hears.
	 */
	private final class Listener implements MessageListener {

		@Override
		public Handling received(ObservedMessage message) {
			MessageListenerTests.this.received.add(message);
			return new Handling() {

				@Override
				public Scope attempt() {
					CURRENT.set(message);
					Thread thread = Thread.currentThread();
					return () -> {
						assertThat(Thread.currentThread()).isSameAs(thread);
						CURRENT.remove();
					};
				}

				@Override
				public void ended(Outcome outcome, @Nullable Throwable failure) {
					MessageListenerTests.this.ended.add(message.component() + " " + message.kind() + " "
							+ message.topic() + " " + message.listener() + ": " + outcome + " "
							+ ((failure != null) ? failure.getClass().getName() : null));
				}

			};
		}

		@Override
		public Map<String, String> traceFields() {
			return MessageListenerTests.this.fields;
		}

		@Override
		public void subscribed(ObservedSubscription subscription) {
			MessageListenerTests.this.subscriptions.add(subscription);
		}

	}

	/**
	 * A listener that breaks its contract at once, or later.
	 */
	private record Throwing(boolean later) implements MessageListener {

		@Override
		public Handling received(ObservedMessage message) {
			if (!this.later) {
				throw new IllegalStateException("received");
			}
			return new Handling() {

				@Override
				public Scope attempt() {
					return () -> {
						throw new IllegalStateException("close");
					};
				}

				@Override
				public void ended(Outcome outcome, @Nullable Throwable failure) {
					throw new IllegalStateException("ended");
				}

			};
		}

		@Override
		public Map<String, String> traceFields() {
			throw new IllegalStateException("traceFields");
		}

		@Override
		public void subscribed(ObservedSubscription subscription) {
			throw new IllegalStateException("subscribed");
		}

	}

	/**
	 * A handler with a name.
	 */
	private record Named(MessageHandler handler) implements MessageHandler, NamedHandler {

		@Override
		public MessageOutcome handle(Message message) throws Exception {
			return this.handler.handle(message);
		}

		@Override
		public String handlerName() {
			return "Orders.place";
		}

	}

	/**
	 * An input binding whose events come from the test.
	 */
	private static final class Mailbox implements InputBinding {

		private final CompletableFuture<BindingHandler> handler = new CompletableFuture<>();

		@Override
		public Reading read(ReadRequest request, BindingHandler handler) {
			this.handler.complete(handler);
			return new Reading() {

				@Override
				public StreamStatus status() {
					return new StreamStatus(StreamStatus.State.ACTIVE, null, 0, Instant.EPOCH, 0, 0, 0);
				}

				@Override
				public CompletionStage<?> drain(Duration grace) {
					return CompletableFuture.completedFuture(null);
				}

				@Override
				public void close() {
				}

			};
		}

	}

}
