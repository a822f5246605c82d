package dev.pluggable.spring.pubsub;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import dev.pluggable.pubsub.BulkPublishRequest;
import dev.pluggable.pubsub.Message;
import dev.pluggable.pubsub.MessageDroppedException;
import dev.pluggable.pubsub.MessageHandler;
import dev.pluggable.pubsub.MessageOutcome;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.pubsub.PublishRequest;
import dev.pluggable.pubsub.SubscribeRequest;
import dev.pluggable.pubsub.Subscription;
import dev.pluggable.spring.listener.FakeStream;
import org.jspecify.annotations.Nullable;

/**
 * Records published messages. A test sends messages to the subscriptions.
 */
public class FakePubSub implements PubSub {

	public final List<PublishRequest> published = new CopyOnWriteArrayList<>();

	public final List<BulkPublishRequest> bulks = new CopyOnWriteArrayList<>();

	public final List<FakeSubscription> subscriptions = new CopyOnWriteArrayList<>();

	/** Reason why the last message was dropped. */
	public volatile @Nullable String reason;

	@Override
	public void publish(PublishRequest request) {
		this.published.add(request);
	}

	@Override
	public void bulkPublish(BulkPublishRequest request) {
		this.bulks.add(request);
	}

	@Override
	public Subscription subscribe(SubscribeRequest request, MessageHandler handler) {
		FakeSubscription subscription = new FakeSubscription(request, handler);
		this.subscriptions.add(subscription);
		return subscription;
	}

	@Override
	public Set<String> features() {
		return Set.of();
	}

	public FakeSubscription subscription(String topic) {
		return this.subscriptions.stream()
			.filter((subscription) -> subscription.topic().equals(topic))
			.findFirst()
			.orElseThrow(() -> new AssertionError("no subscription to " + topic));
	}

	public MessageOutcome send(String topic, String data) throws Exception {
		return send(topic, data, null);
	}

	public MessageOutcome send(String topic, String data, @Nullable String contentType) throws Exception {
		return send(topic, data, contentType, Map.of());
	}

	public MessageOutcome send(String topic, String data, @Nullable String contentType, Map<String, String> metadata)
			throws Exception {
		this.reason = null;
		try {
			return subscription(topic).send(data, contentType, metadata)
				.toCompletableFuture()
				.get(20, TimeUnit.SECONDS);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof MessageDroppedException dropped) {
				this.reason = dropped.getMessage();
				return MessageOutcome.DROP;
			}
			throw ex;
		}
	}

	/**
	 * The request and the handler of a subscription.
	 */
	public static final class FakeSubscription extends FakeStream implements Subscription {

		public final SubscribeRequest request;

		private final MessageHandler handler;

		FakeSubscription(SubscribeRequest request, MessageHandler handler) {
			this.request = request;
			this.handler = handler;
		}

		public CompletionStage<MessageOutcome> send(String data, @Nullable String contentType,
				Map<String, String> metadata) {
			begin();
			return handle(this.handler.handleAsync(
					new Message("id-1", topic(), data.getBytes(StandardCharsets.UTF_8), contentType, metadata)));
		}

		@Override
		public String topic() {
			return this.request.topic();
		}

	}

}
