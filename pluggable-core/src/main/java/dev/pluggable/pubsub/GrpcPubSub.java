package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;

import dev.pluggable.ComponentCalls;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Draining;
import dev.pluggable.GrpcBytes;
import dev.pluggable.PluggableException;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import dev.pluggable.stream.StreamStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proxy of a pub/sub component in another process.
 */
final class GrpcPubSub implements PubSub, Draining {

	private static final Logger logger = LoggerFactory.getLogger(GrpcPubSub.class);

	private final ComponentClient client;

	private final ComponentCalls calls;

	private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();

	private volatile boolean draining;

	GrpcPubSub(ComponentClient client) {
		this.client = client;
		this.calls = new ComponentCalls(client, (failure) -> null);
	}

	@Override
	public void publish(PublishRequest request) {
		PubSubProto.PublishRequest.Builder message = PubSubProto.PublishRequest.newBuilder()
			.setPubsubName(this.client.component())
			.setTopic(request.topic())
			.setData(GrpcBytes.wrap(request.data()))
			.putAllMetadata(request.metadata());
		if (request.contentType() != null) {
			message.setContentType(request.contentType());
		}
		this.calls.unary(PubSubGrpc.getPublishMethod(), message.build());
	}

	@Override
	public void bulkPublish(BulkPublishRequest request) {
		if (request.entries().isEmpty()) {
			return;
		}
		Map<String, String> failed = features().contains(PubSubFeatures.BULK_PUBSUB) ? publishTogether(request)
				: BulkPublishing.oneByOne(request, this::publish);
		if (!failed.isEmpty()) {
			throw new BulkPublishException(this.client.component(), this.client.kind(), failed);
		}
	}

	private Map<String, String> publishTogether(BulkPublishRequest request) {
		PubSubProto.BulkPublishRequest.Builder bulk = PubSubProto.BulkPublishRequest.newBuilder()
			.setPubsubName(this.client.component())
			.setTopic(request.topic())
			.putAllMetadata(request.metadata());
		for (BulkPublishRequest.Entry entry : request.entries()) {
			PubSubProto.BulkMessageEntry.Builder message = PubSubProto.BulkMessageEntry.newBuilder()
				.setEntryId(entry.id())
				.setEvent(GrpcBytes.wrap(entry.data()))
				.putAllMetadata(entry.metadata());
			if (entry.contentType() != null) {
				message.setContentType(entry.contentType());
			}
			bulk.addEntries(message);
		}
		PubSubProto.BulkPublishResponse response = this.calls.unary(PubSubGrpc.getBulkPublishMethod(), bulk.build());
		return failures(request, response.getFailedEntriesList());
	}

	private Map<String, String> failures(BulkPublishRequest request,
			List<PubSubProto.BulkPublishResponseFailedEntry> entries) {
		if (entries.isEmpty()) {
			return Map.of();
		}
		Set<String> sent = request.entries().stream().map(BulkPublishRequest.Entry::id).collect(Collectors.toSet());
		Map<String, String> failed = new LinkedHashMap<>();
		for (PubSubProto.BulkPublishResponseFailedEntry entry : entries) {
			String reason = entry.getError().isEmpty() ? "the component does not say why"
					: this.client.withoutSecrets(entry.getError());
			failed.putIfAbsent(entry.getEntryId(), sent.contains(entry.getEntryId()) ? reason
					: reason + "; no entry with this id was sent, so it is not known which one failed");
		}
		return failed;
	}

	@Override
	public Subscription subscribe(SubscribeRequest request, MessageHandler handler) {
		if (this.draining) {
			throw new ComponentUnavailableException(this.client.component(), this.client.kind(), "PullMessages",
					"the application is stopping");
		}
		this.subscriptions.removeIf((subscription) -> subscription.status().state() == StreamStatus.State.CLOSED);
		Subscription subscription = new GrpcSubscription(this.client, request, handler, this);
		this.subscriptions.add(subscription);
		if (this.draining) {
			// Draining began meanwhile and may not have seen it.
			subscription.drain(request.grace());
		}
		return subscription;
	}

	@Override
	public Set<String> features() {
		return this.client.features();
	}

	@Override
	public void pause() {
		this.calls.unary(PubSubGrpc.getPauseMethod(), PubSubProto.PauseRequest.getDefaultInstance());
	}

	@Override
	public void resume() {
		this.calls.unary(PubSubGrpc.getResumeMethod(), PubSubProto.ResumeRequest.getDefaultInstance());
	}

	@Override
	public void ping() {
		this.calls.unary(PubSubGrpc.getPingMethod(), CommonProto.PingRequest.getDefaultInstance());
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		this.draining = true;
		List<Subscription> open = this.subscriptions.stream()
			.filter((subscription) -> subscription.status().state() != StreamStatus.State.CLOSED)
			.toList();
		if (open.stream().anyMatch((subscription) -> subscription.status().state() == StreamStatus.State.ACTIVE)) {
			try {
				this.client.executor().execute(this::tryPause);
			}
			catch (RejectedExecutionException ex) {
				// It only spares the component work.
			}
		}
		return CompletableFuture.allOf(open.stream()
			.map((subscription) -> subscription.drain(grace).toCompletableFuture())
			.toArray(CompletableFuture<?>[]::new));
	}

	/**
	 * As Dapr does before it ends its subscriptions. Many components cannot, and none has
	 * to.
	 */
	private void tryPause() {
		try {
			pause();
		}
		catch (PluggableException ex) {
			logger.debug("The {} component '{}' was not paused", this.client.kind(), this.client.component(), ex);
		}
	}

}
