package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

import dev.pluggable.Draining;
import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservedHandling;
import dev.pluggable.observation.ObservedSubscription;

/**
 * Tells a listener of the messages that an application handles, and publishes messages
 * with the trace of the publisher.
 */
final class ObservedPubSub implements PubSub, Draining {

	private final PubSub pubSub;

	private final String component;

	private final MessageListener listener;

	ObservedPubSub(PubSub pubSub, String component, MessageListener listener) {
		this.pubSub = pubSub;
		this.component = component;
		this.listener = listener;
	}

	@Override
	public void publish(PublishRequest request) {
		Map<String, String> traced = ObservedHandling.traced(request.metadata(), this.listener);
		this.pubSub.publish((traced != request.metadata()) ? request.withMetadata(traced) : request);
	}

	/**
	 * Each message has the trace, because a component may give the metadata of the whole
	 * request to nobody.
	 */
	@Override
	public void bulkPublish(BulkPublishRequest request) {
		Map<String, String> fields = this.listener.traceFields();
		if (fields.isEmpty() || ObservedHandling.traced(request.metadata(), fields) == request.metadata()) {
			this.pubSub.bulkPublish(request);
			return;
		}
		List<BulkPublishRequest.Entry> entries = new ArrayList<>(request.entries().size());
		for (BulkPublishRequest.Entry entry : request.entries()) {
			entries.add(new BulkPublishRequest.Entry(entry.id(), entry.data(), entry.contentType(),
					ObservedHandling.traced(entry.metadata(), fields)));
		}
		this.pubSub.bulkPublish(new BulkPublishRequest(request.topic(), entries, request.metadata()));
	}

	@Override
	public Subscription subscribe(SubscribeRequest request, MessageHandler handler) {
		if (handler instanceof OrderedHandler) {
			// The messages go to another process, which handles them.
			return this.pubSub.subscribe(request, handler);
		}
		Subscription subscription = this.pubSub.subscribe(request,
				new ObservedMessageHandler(handler, this.component, request.handlerTimeout(), this.listener));
		this.listener.subscribed(new ObservedSubscription(this.component, PubSubKind.INSTANCE.name(), request.topic(),
				request.concurrency(), subscription::status));
		return subscription;
	}

	@Override
	public Set<String> features() {
		return this.pubSub.features();
	}

	@Override
	public void pause() {
		this.pubSub.pause();
	}

	@Override
	public void resume() {
		this.pubSub.resume();
	}

	@Override
	public void ping() {
		this.pubSub.ping();
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		return ObservedHandling.drain(this.pubSub, grace);
	}

	@Override
	public String toString() {
		return this.pubSub.toString();
	}

}
