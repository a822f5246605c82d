package dev.pluggable.pubsub;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.google.protobuf.ByteString;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import dev.pluggable.proto.components.v1.PubSubProto.PullMessagesRequest;
import dev.pluggable.proto.components.v1.PubSubProto.PullMessagesResponse;
import dev.pluggable.stream.StreamStatus;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PubSubService} over a real connection, with a host in bare gRPC.
 */
@Timeout(120)
class PubSubServiceTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final FakePubSub pubSub = new FakePubSub();

	private final TestInstances instances = new TestInstances(this.pubSub);

	private final RecordedLog log = new RecordedLog();

	private Server server;

	private ManagedChannel channel;

	private PubSubGrpc.PubSubBlockingStub stub;

	@BeforeEach
	void start() throws IOException {
		this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
			.addService(new PubSubService(this.instances))
			.build()
			.start();
		this.channel = NettyChannelBuilder
			.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.server.getPort()))
			.usePlaintext()
			.build();
		this.stub = PubSubGrpc.newBlockingStub(this.channel);
		logger().addAppender(this.log);
	}

	@AfterEach
	void stop() throws InterruptedException {
		logger().detachAppender(this.log);
		this.channel.shutdownNow();
		this.server.shutdownNow();
		assertThat(this.channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		assertThat(this.server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		this.pubSub.close();
	}

	private static Logger logger() {
		return (Logger) LoggerFactory.getLogger(PubSubService.class);
	}

	private static PullMessagesRequest topic(String name) {
		return PullMessagesRequest.newBuilder()
			.setTopic(PubSubProto.Topic.newBuilder().setName(name).putMetadata("consumerID", "g"))
			.build();
	}

	private static PullMessagesRequest ack(String id) {
		return PullMessagesRequest.newBuilder().setAckMessageId(id).build();
	}

	private static PullMessagesRequest nack(String id) {
		return PullMessagesRequest.newBuilder()
			.setAckMessageId(id)
			.setAckError(PubSubProto.AckMessageError.newBuilder().setMessage("no"))
			.build();
	}

	private static Message message(String id, String text) {
		return new Message(id, "orders", text.getBytes(StandardCharsets.UTF_8), null, Map.of());
	}

	private HostStream subscribed() {
		HostStream stream = new HostStream();
		stream.send(topic("orders"));
		await().until(() -> this.pubSub.handler != null);
		return stream;
	}

	private CompletableFuture<MessageOutcome> deliver(Message message) {
		MessageHandler handler = this.pubSub.handler;
		assertThat(handler).isNotNull();
		return handler.handleAsync(message).toCompletableFuture();
	}

	private static void outcome(CompletableFuture<MessageOutcome> outcome, MessageOutcome expected) {
		await().atMost(PATIENCE).until(outcome::isDone);
		assertThat(outcome).isCompletedWithValue(expected);
	}

	private static Status statusOf(Supplier<?> call) {
		StatusRuntimeException ex = catchThrowableOfType(StatusRuntimeException.class, call::get);
		assertThat(ex).isNotNull();
		return ex.getStatus();
	}

	@Test
	void whenPublishedThenAllOfItReachesTheImplementation() {
		this.stub.publish(PubSubProto.PublishRequest.newBuilder()
			.setPubsubName("other")
			.setTopic("orders")
			.setData(ByteString.copyFromUtf8("x"))
			.setContentType("text/plain")
			.putMetadata("a", "b")
			.build());
		assertThat(this.pubSub.published)
			.containsExactly(PublishRequest.of("orders", "x").withMetadata(Map.of("a", "b")));
	}

	@Test
	void whenPublishedWithoutContentTypeThenItIsNotKnown() {
		this.stub.publish(PubSubProto.PublishRequest.newBuilder().setTopic("orders").build());
		assertThat(this.pubSub.published).containsExactly(PublishRequest.of("orders", new byte[0]));
	}

	@Test
	void whenPublishedWithoutTopicThenInvalidArgument() {
		Status status = statusOf(() -> this.stub.publish(PubSubProto.PublishRequest.getDefaultInstance()));
		assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
		assertThat(status.getDescription()).contains("'topic'");
	}

	@Test
	void whenSomeOfABulkFailThenTheyAreNamed() {
		PubSubProto.BulkPublishRequest.Builder request = PubSubProto.BulkPublishRequest.newBuilder().setTopic("orders");
		request.addEntriesBuilder()
			.setEntryId("1")
			.setEvent(ByteString.copyFromUtf8("a"))
			.setContentType("text/plain")
			.putMetadata("a", "b");
		request.addEntriesBuilder().setEntryId("2").setEvent(ByteString.copyFromUtf8("bad"));
		PubSubProto.BulkPublishResponse response = this.stub.bulkPublish(request.build());
		assertThat(response.getFailedEntriesList()).singleElement().satisfies((entry) -> {
			assertThat(entry.getEntryId()).isEqualTo("2");
			assertThat(entry.getError()).isEqualTo("bad data");
		});
		assertThat(this.pubSub.published)
			.containsExactly(PublishRequest.of("orders", "a").withMetadata(Map.of("a", "b")));
	}

	@Test
	void whenBulkHasMetadataThenTheyAreThoseOfEachEntry() {
		PubSubProto.BulkPublishRequest.Builder request = PubSubProto.BulkPublishRequest.newBuilder()
			.setPubsubName("other")
			.setTopic("orders")
			.putMetadata("all", "x")
			.putMetadata("own", "x");
		request.addEntriesBuilder().setEntryId("1");
		request.addEntriesBuilder().setEntryId("2").putMetadata("own", "y");
		assertThat(this.stub.bulkPublish(request.build()).getFailedEntriesList()).isEmpty();
		assertThat(this.pubSub.published).map(PublishRequest::metadata)
			.containsExactly(Map.of("all", "x", "own", "x"), Map.of("all", "x", "own", "y"));
	}

	@Test
	void whenBulkCannotBeUsedThenInvalidArgument() {
		PubSubProto.BulkPublishRequest.Builder twice = PubSubProto.BulkPublishRequest.newBuilder().setTopic("orders");
		twice.addEntriesBuilder().setEntryId("1");
		twice.addEntriesBuilder().setEntryId("1");
		Status status = statusOf(() -> this.stub.bulkPublish(twice.build()));
		assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
		assertThat(status.getDescription()).contains("'1'");
		PubSubProto.BulkPublishRequest.Builder unnamed = PubSubProto.BulkPublishRequest.newBuilder().setTopic("orders");
		unnamed.addEntriesBuilder();
		assertThat(statusOf(() -> this.stub.bulkPublish(unnamed.build())).getDescription()).contains("'id'");
		assertThat(this.pubSub.published).isEmpty();
	}

	@Test
	void whenImplementationCannotPauseThenUnimplemented() {
		assertThat(statusOf(() -> this.stub.pause(PubSubProto.PauseRequest.getDefaultInstance())).getCode())
			.isEqualTo(Status.Code.UNIMPLEMENTED);
		assertThat(statusOf(() -> this.stub.resume(PubSubProto.ResumeRequest.getDefaultInstance())).getCode())
			.isEqualTo(Status.Code.UNIMPLEMENTED);
	}

	@Test
	void whenPausedAndInitializedAgainThenItIsResumed() {
		try (InMemoryPubSub inMemory = new InMemoryPubSub()) {
			this.instances.instance = inMemory;
			Subscription subscription = inMemory.subscribe("orders", (message) -> MessageOutcome.ACK);
			this.stub.pause(PubSubProto.PauseRequest.getDefaultInstance());
			assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.WAITING);
			this.stub.init(PubSubProto.PubSubInitRequest.newBuilder()
				.setMetadata(CommonProto.MetadataRequest.newBuilder().putProperties("a", "b"))
				.build());
			assertThat(this.instances.metadata).containsExactly(Map.entry("a", "b"));
			assertThat(subscription.status().state()).isEqualTo(StreamStatus.State.ACTIVE);
		}
	}

	@Test
	void whenAskedThenFeaturesAndPingAreAnswered() {
		assertThat(this.stub.features(CommonProto.FeaturesRequest.getDefaultInstance()).getFeaturesList())
			.containsExactly("FAKE");
		assertThat(this.stub.ping(CommonProto.PingRequest.getDefaultInstance())).isNotNull();
	}

	@Test
	void whenFirstMessageHasNoTopicThenInvalidArgument() {
		HostStream stream = new HostStream();
		stream.send(ack("1"));
		assertThat(stream.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
		assertThat(stream.status().getDescription()).contains("topic");
		HostStream empty = new HostStream();
		empty.send(topic(""));
		assertThat(empty.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
		assertThat(this.pubSub.handler).isNull();
	}

	@Test
	void whenLaterMessageHasATopicThenInvalidArgumentAndSubscriptionEnds() {
		HostStream stream = subscribed();
		CompletableFuture<MessageOutcome> outcome = deliver(message("1", "x"));
		stream.send(topic("others"));
		assertThat(stream.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
		outcome(outcome, MessageOutcome.RETRY);
		assertThat(this.pubSub.ended).isTrue();
	}

	@Test
	void whenStreamBeginsThenImplementationIsAskedForSoManyMessages() {
		subscribed();
		SubscribeRequest request = this.pubSub.request;
		assertThat(request).isNotNull();
		assertThat(request.topic()).isEqualTo("orders");
		assertThat(request.metadata()).containsExactly(Map.entry("consumerID", "g"));
		assertThat(request.concurrency()).isEqualTo(PubSubService.WINDOW);
		assertThat(request.deadLetterTopic()).isNull();
	}

	@Test
	void whenComponentIsNotInitializedThenFailedPrecondition() {
		this.instances.instance = null;
		HostStream stream = new HostStream();
		stream.send(topic("orders"));
		assertThat(stream.status().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
	}

	@Test
	void whenSubscribeFailsThenStatusSaysWhy() {
		this.pubSub.failure = new InvalidRequestException("no such topic");
		HostStream refused = new HostStream();
		refused.send(topic("orders"));
		assertThat(refused.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
		assertThat(refused.status().getDescription()).isEqualTo("no such topic");
		this.pubSub.failure = new IllegalStateException("secret");
		HostStream broken = new HostStream();
		broken.send(topic("orders"));
		assertThat(broken.status().getCode()).isEqualTo(Status.Code.INTERNAL);
		assertThat(broken.status().getDescription()).doesNotContain("secret");
		this.pubSub.failure = new ComponentUnavailableException("c", "pubsub", null, "down");
		HostStream down = new HostStream();
		down.send(topic("orders"));
		assertThat(down.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
	}

	@Test
	void whenMessageIsSentThenAllOfItArrives() {
		HostStream stream = subscribed();
		deliver(new Message("x", "orders/eu", new byte[] { 1 }, "text/plain", Map.of("a", "b")));
		PullMessagesResponse response = stream.next();
		assertThat(response.getTopicName()).isEqualTo("orders/eu");
		assertThat(response.getData().toByteArray()).containsExactly(1);
		assertThat(response.getContentType()).isEqualTo("text/plain");
		assertThat(response.getMetadataMap()).containsExactly(Map.entry("a", "b"));
		deliver(message("x", "no content type"));
		assertThat(stream.next().getContentType()).isEmpty();
	}

	@Test
	void whenMessagesHaveTheSameIdThenIdsOnTheStreamDiffer() {
		HostStream stream = subscribed();
		for (int i = 0; i < 50; i++) {
			deliver(message((i % 2 == 0) ? "same" : "", "x"));
		}
		Set<String> ids = new TreeSet<>();
		for (int i = 0; i < 50; i++) {
			ids.add(stream.next().getId());
		}
		assertThat(ids).hasSize(50).doesNotContain("");
	}

	@Test
	void whenAnsweredThenImplementationKnows() {
		HostStream stream = subscribed();
		CompletableFuture<MessageOutcome> first = deliver(message("1", "a"));
		CompletableFuture<MessageOutcome> second = deliver(message("2", "b"));
		String firstId = stream.next().getId();
		String secondId = stream.next().getId();
		stream.send(nack(secondId));
		outcome(second, MessageOutcome.RETRY);
		assertThat(first).isNotDone();
		stream.send(ack(firstId));
		outcome(first, MessageOutcome.ACK);
	}

	@Test
	void whenImplementationWaitsForEachMessageThenItGetsTheOutcome() {
		HostStream stream = subscribed();
		MessageHandler handler = this.pubSub.handler;
		CompletableFuture<MessageOutcome> outcome = CompletableFuture.supplyAsync(() -> {
			try {
				return handler.handle(message("1", "a"));
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		});
		stream.send(ack(stream.next().getId()));
		outcome(outcome, MessageOutcome.ACK);
	}

	@Test
	void whenAnswersAreOddThenTheyAreIgnoredWithOneLine() {
		HostStream stream = subscribed();
		CompletableFuture<MessageOutcome> first = deliver(message("1", "a"));
		String id = stream.next().getId();
		stream.send(ack("unknown"));
		stream.send(ack(""));
		stream.send(PullMessagesRequest.getDefaultInstance());
		stream.send(ack(id));
		stream.send(ack(id));
		stream.send(nack(id));
		outcome(first, MessageOutcome.ACK);
		CompletableFuture<MessageOutcome> second = deliver(message("2", "b"));
		stream.send(ack(stream.next().getId()));
		outcome(second, MessageOutcome.ACK);
		assertThat(this.log.events()).hasSize(1);
		assertThat(this.log.events().get(0).getFormattedMessage()).contains("'orders'");
		assertThat(stream.isOpen()).isTrue();
	}

	@Test
	void whenHostCancelsThenUnansweredMessagesGoBack() {
		HostStream stream = subscribed();
		CompletableFuture<MessageOutcome> sent = deliver(message("1", "a"));
		stream.next();
		stream.call.cancel("gone", null);
		outcome(sent, MessageOutcome.RETRY);
		await().untilTrue(this.pubSub.ended);
		outcome(deliver(message("2", "late")), MessageOutcome.RETRY);
	}

	@Test
	void whenHostHalfClosesThenUnansweredMessagesGoBackAndStreamEnds() {
		HostStream stream = subscribed();
		CompletableFuture<MessageOutcome> sent = deliver(message("1", "a"));
		stream.next();
		stream.call.halfClose();
		assertThat(stream.status().getCode()).isEqualTo(Status.Code.OK);
		outcome(sent, MessageOutcome.RETRY);
		assertThat(this.pubSub.ended).isTrue();
	}

	@Test
	void whenHostEndsBeforeItNamesATopicThenNothingHappens() {
		HostStream stream = new HostStream();
		stream.call.halfClose();
		assertThat(stream.status().getCode()).isEqualTo(Status.Code.OK);
		HostStream other = new HostStream();
		other.call.cancel("gone", null);
		assertThat(this.pubSub.handler).isNull();
	}

	@Test
	void whenConnectionBreaksThenUnansweredMessagesGoBack() {
		HostStream stream = subscribed();
		CompletableFuture<MessageOutcome> sent = deliver(message("1", "a"));
		stream.next();
		this.channel.shutdownNow();
		outcome(sent, MessageOutcome.RETRY);
		await().untilTrue(this.pubSub.ended);
	}

	@Test
	void whenServerShutsDownThenUnansweredMessagesGoBack() {
		HostStream stream = subscribed();
		CompletableFuture<MessageOutcome> sent = deliver(message("1", "a"));
		stream.next();
		this.server.shutdownNow();
		outcome(sent, MessageOutcome.RETRY);
		await().untilTrue(this.pubSub.ended);
	}

	@Test
	void whenImplementationWaitsNoLongerThenMessageIsForgotten() {
		HostStream stream = subscribed();
		CompletableFuture<MessageOutcome> outcome = deliver(message("1", "a"));
		String id = stream.next().getId();
		outcome.cancel(true);
		stream.send(ack(id));
		CompletableFuture<MessageOutcome> next = deliver(message("2", "b"));
		stream.send(ack(stream.next().getId()));
		outcome(next, MessageOutcome.ACK);
		assertThat(this.log.events()).hasSize(1);
	}

	@Test
	void whenInstanceIsReplacedThenStreamEnds() {
		HostStream stream = subscribed();
		CompletableFuture<MessageOutcome> sent = deliver(message("1", "a"));
		this.stub.init(PubSubProto.PubSubInitRequest.getDefaultInstance());
		assertThat(stream.isOpen()).isTrue();
		this.instances.next = new FakePubSub();
		this.stub.init(PubSubProto.PubSubInitRequest.getDefaultInstance());
		assertThat(stream.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		outcome(sent, MessageOutcome.RETRY);
		assertThat(this.pubSub.ended).isTrue();
	}

	@Test
	void whenImplementationHasEndedTheSubscriptionThenStreamEndsWithTheNextPing() {
		HostStream stream = subscribed();
		this.pubSub.ended.set(true);
		this.stub.ping(CommonProto.PingRequest.getDefaultInstance());
		assertThat(stream.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
	}

	@Test
	void whenTheSubscriptionEndsBeforeTheServiceHasItThenStreamEnds() {
		this.pubSub.beforeItSubscribes = () -> {
			this.pubSub.ended.set(true);
			this.stub.ping(CommonProto.PingRequest.getDefaultInstance());
		};
		assertThat(subscribed().status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
	}

	@Test
	void whenInstanceIsReplacedBeforeTheServiceHasTheSubscriptionThenStreamEnds() {
		this.pubSub.beforeItSubscribes = () -> {
			this.instances.next = new FakePubSub();
			this.stub.init(PubSubProto.PubSubInitRequest.getDefaultInstance());
		};
		assertThat(subscribed().status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(this.pubSub.ended).isTrue();
	}

	@Test
	void whenHostDoesNotReadThenNoMoreThanTheWindowIsTaken() throws Exception {
		int total = 100_000;
		HostStream stream = new HostStream(false);
		stream.send(topic("orders"));
		await().until(() -> this.pubSub.handler != null);
		CountDownLatch flooded = this.pubSub.flood(total);
		await().atMost(PATIENCE).until(() -> this.pubSub.taken.get() == PubSubService.WINDOW);
		await().during(Duration.ofMillis(300)).until(() -> this.pubSub.taken.get() == PubSubService.WINDOW);
		// The host now reads a few messages at a time and answers each.
		int most = 0;
		for (int i = 0; i < total; i++) {
			if (i % 16 == 0) {
				stream.call.request(16);
			}
			PullMessagesResponse response = stream.next();
			most = Math.max(most, this.pubSub.taken.get() - i);
			stream.send(((i % 1000) == 999) ? nack(response.getId()) : ack(response.getId()));
		}
		assertThat(flooded.await(60, TimeUnit.SECONDS)).isTrue();
		await().atMost(PATIENCE).until(() -> this.pubSub.answered.get() == total);
		assertThat(most).isLessThanOrEqualTo(PubSubService.WINDOW);
		assertThat(this.pubSub.retried).hasValue(100);
	}

	@Test
	void whenHostNeverAnswersThenNoMoreThanTheWindowIsTakenAndAllComesBack() {
		HostStream stream = subscribed();
		this.pubSub.flood(1000);
		for (int i = 0; i < PubSubService.WINDOW; i++) {
			stream.next();
		}
		await().during(Duration.ofMillis(300)).until(() -> this.pubSub.taken.get() == PubSubService.WINDOW);
		assertThat(stream.messages).isEmpty();
		stream.call.cancel("gone", null);
		await().atMost(PATIENCE).until(() -> this.pubSub.retried.get() == 1000);
	}

	@Test
	void whenSlowHostHasAnInMemoryComponentThenOrderIsKeptAndNothingIsLost() {
		try (InMemoryPubSub inMemory = new InMemoryPubSub("bus", Map.of())) {
			this.instances.instance = inMemory;
			HostStream stream = new HostStream();
			stream.send(topic("orders"));
			// The group begins with the stream, which the component does not confirm.
			await().until(() -> {
				inMemory.publish("orders", new byte[0]);
				return inMemory.held("orders") > 0;
			});
			stream.send(ack(stream.next().getId()));
			for (int i = 0; i < 5000; i++) {
				inMemory.publish(PublishRequest.of("orders", Integer.toString(i)));
			}
			List<String> received = new ArrayList<>();
			for (int i = 0; i < 5000; i++) {
				PullMessagesResponse response = stream.next();
				received.add(response.getData().toStringUtf8());
				stream.send(ack(response.getId()));
			}
			for (int i = 0; i < 5000; i++) {
				assertThat(received.get(i)).isEqualTo(Integer.toString(i));
			}
			await().atMost(PATIENCE).until(() -> inMemory.held("orders") == 0);
		}
	}

	/**
	 * The host's side of a stream.
	 */
	private final class HostStream extends ClientCall.Listener<PullMessagesResponse> {

		private final ClientCall<PullMessagesRequest, PullMessagesResponse> call = PubSubServiceTests.this.channel
			.newCall(PubSubGrpc.getPullMessagesMethod(), CallOptions.DEFAULT);

		private final BlockingQueue<PullMessagesResponse> messages = new LinkedBlockingQueue<>();

		private final CompletableFuture<Status> closed = new CompletableFuture<>();

		HostStream() {
			this(true);
		}

		HostStream(boolean reading) {
			this.call.start(this, new Metadata());
			if (reading) {
				this.call.request(Integer.MAX_VALUE);
			}
		}

		void send(PullMessagesRequest request) {
			this.call.sendMessage(request);
		}

		@Override
		public void onMessage(PullMessagesResponse message) {
			this.messages.add(message);
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			this.closed.complete(status);
		}

		boolean isOpen() {
			return !this.closed.isDone();
		}

		Status status() {
			await().atMost(PATIENCE).until(this.closed::isDone);
			return this.closed.join();
		}

		PullMessagesResponse next() {
			try {
				PullMessagesResponse message = this.messages.poll(30, TimeUnit.SECONDS);
				assertThat(message).as("a message").isNotNull();
				return message;
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	/**
	 * An implementation that delivers the messages of the test.
	 */
	private static final class FakePubSub implements PubSub, AutoCloseable {

		private final List<PublishRequest> published = new ArrayList<>();

		private volatile RuntimeException failure;

		private volatile Runnable beforeItSubscribes = () -> {
		};

		private volatile SubscribeRequest request;

		private volatile MessageHandler handler;

		private final AtomicBoolean ended = new AtomicBoolean();

		private final AtomicInteger taken = new AtomicInteger();

		private final AtomicInteger answered = new AtomicInteger();

		private final AtomicInteger retried = new AtomicInteger();

		private volatile Thread flooder;

		/**
		 * Deliver messages as fast as the handler takes them, without a limit.
		 */
		CountDownLatch flood(int total) {
			CountDownLatch done = new CountDownLatch(1);
			byte[] data = new byte[100];
			Thread thread = new Thread(() -> {
				for (int i = 0; i < total && !Thread.currentThread().isInterrupted(); i++) {
					Message message = new Message("m", "orders", data, null, Map.of());
					CompletionStage<MessageOutcome> outcome = this.handler.handleAsync(message);
					this.taken.incrementAndGet();
					outcome.thenAccept((value) -> {
						this.answered.incrementAndGet();
						if (value == MessageOutcome.RETRY) {
							this.retried.incrementAndGet();
						}
					});
				}
				done.countDown();
			}, "flooder");
			this.flooder = thread;
			thread.start();
			return done;
		}

		@Override
		public void close() throws InterruptedException {
			Thread thread = this.flooder;
			if (thread != null) {
				thread.interrupt();
				thread.join(10_000);
				assertThat(thread.isAlive()).isFalse();
			}
		}

		@Override
		public void publish(PublishRequest request) {
			if (new String(request.data(), StandardCharsets.UTF_8).equals("bad")) {
				throw new InvalidRequestException("bad data");
			}
			this.published.add(request);
		}

		@Override
		public Subscription subscribe(SubscribeRequest request, MessageHandler handler) {
			RuntimeException exception = this.failure;
			if (exception != null) {
				throw exception;
			}
			this.beforeItSubscribes.run();
			this.request = request;
			this.handler = handler;
			return new Subscription() {

				@Override
				public String topic() {
					return request.topic();
				}

				@Override
				public StreamStatus status() {
					StreamStatus.State state = FakePubSub.this.ended.get() ? StreamStatus.State.CLOSED
							: StreamStatus.State.ACTIVE;
					return new StreamStatus(state, null, 0, Instant.now(), 0, 0, 0);
				}

				@Override
				public CompletionStage<?> drain(Duration grace) {
					FakePubSub.this.ended.set(true);
					return CompletableFuture.completedFuture(null);
				}

				@Override
				public void close() {
					FakePubSub.this.ended.set(true);
				}

			};
		}

		@Override
		public Set<String> features() {
			return Set.of("FAKE");
		}

	}

}
