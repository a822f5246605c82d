package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Draining;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;

/**
 * The proxy of a pub/sub component in another process.
 */
final class GrpcPubSub implements PubSub, Draining {

	private static final int MAX_ERROR = 500;

	private final ComponentClient client;

	private final ComponentCalls calls;

	private final GrpcPauses pauses;

	private volatile boolean draining;

	GrpcPubSub(ComponentClient client) {
		this.client = client;
		this.pauses = new GrpcPauses(client);
		this.calls = new ComponentCalls(client, ComponentCalls.FailureTranslator.NONE);
	}

	@Override
	public void publish(PublishRequest request) {
		PubSubProto.PublishRequest.Builder message = PubSubProto.PublishRequest.newBuilder()
			.setPubsubName(this.client.component())
			.setTopic(request.topic())
			.setData(GrpcBytes.wrap(request.data()));
		if (!request.metadata().isEmpty()) {
			message.putAllMetadata(request.metadata());
		}
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
					: LogText.oneLine(this.client.withoutSecrets(entry.getError()), MAX_ERROR);
			failed.putIfAbsent(entry.getEntryId(), sent.contains(entry.getEntryId()) ? reason
					: reason + "; no entry with this id was sent, so the failed entry is unknown");
		}
		return failed;
	}

	@Override
	public Subscription subscribe(SubscribeRequest request, MessageHandler handler) {
		GrpcSubscription subscription = new GrpcSubscription(this.client, request, handler, this, this.pauses);
		this.pauses.opened(subscription);
		if (this.draining) {
			subscription.end(Duration.ZERO);
			throw new ComponentUnavailableException(this.client.component(), this.client.kind(), "PullMessages",
					"the application is stopping");
		}
		subscription.start();
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
		long begun = System.nanoTime();
		List<GrpcSubscription> open = this.pauses.open();
		return this.pauses.closing(open, grace).thenCompose((paused) -> {
			Duration rest = grace.minusNanos(System.nanoTime() - begun);
			return CompletableFuture.allOf(open.stream()
				.map((subscription) -> subscription.end(rest).toCompletableFuture())
				.toArray(CompletableFuture<?>[]::new));
		});
	}

}
