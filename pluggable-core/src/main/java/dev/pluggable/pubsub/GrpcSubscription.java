package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.kind.GrpcBytes;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import dev.pluggable.stream.ReopeningStream;
import dev.pluggable.stream.Settlement;
import dev.pluggable.stream.StreamProtocol;
import dev.pluggable.stream.StreamStatus;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A subscription to a topic of a component in another process: the client side of
 * {@code PullMessages}.
 */
final class GrpcSubscription
		implements Subscription, StreamProtocol<PubSubProto.PullMessagesRequest, PubSubProto.PullMessagesResponse> {

	private final SubscribeRequest request;

	private final GrpcPauses pauses;

	private final MessageDelivery<PubSubProto.PullMessagesRequest> delivery;

	private final ReopeningStream<PubSubProto.PullMessagesRequest, PubSubProto.PullMessagesResponse> stream;

	GrpcSubscription(ComponentClient client, SubscribeRequest request, MessageHandler handler, PubSub deadLetters,
			GrpcPauses pauses) {
		this.request = request;
		this.pauses = pauses;
		this.stream = new ReopeningStream<>(client, "subscription to topic '" + request.topic() + "'",
				request.concurrency(), this);
		this.delivery = new MessageDelivery<>(request, handler, this.stream::handlerRunner, client.scheduler(),
				deadLetters::publish, GrpcSubscription::answer);
	}

	/**
	 * Begin to take messages as soon as the component is ready.
	 */
	void start() {
		this.stream.start();
	}

	@Override
	public String topic() {
		return this.request.topic();
	}

	@Override
	public StreamStatus status() {
		return this.stream.status();
	}

	@Override
	public MethodDescriptor<PubSubProto.PullMessagesRequest, PubSubProto.PullMessagesResponse> method() {
		return PubSubGrpc.getPullMessagesMethod();
	}

	@Override
	public PubSubProto.PullMessagesRequest opening() {
		return PubSubProto.PullMessagesRequest.newBuilder()
			.setTopic(PubSubProto.Topic.newBuilder()
				.setName(this.request.topic())
				.putAllMetadata(this.request.metadata()))
			.build();
	}

	@Override
	public CompletionStage<?> prepare(Channel channel) {
		return this.pauses.resume(channel);
	}

	@Override
	public void handle(PubSubProto.PullMessagesResponse message,
			Settlement<PubSubProto.@Nullable PullMessagesRequest> settlement) {
		this.delivery.deliver(message(message), settlement);
	}

	@Override
	public PubSubProto.@Nullable PullMessagesRequest refuse(PubSubProto.PullMessagesResponse message, String reason) {
		return message.getId().isEmpty() ? null : answer(message.getId(), new MessageDelivery.Verdict(reason));
	}

	private Message message(PubSubProto.PullMessagesResponse message) {
		Map<String, String> metadata = message.getMetadataMap();
		return new Message(message.getId(),
				message.getTopicName().isEmpty() ? this.request.topic() : message.getTopicName(),
				GrpcBytes.unwrap(message.getData()),
				message.getContentType().isEmpty() ? null : message.getContentType(),
				metadata.isEmpty() ? Map.of() : metadata);
	}

	/**
	 * Turn a verdict into an answer. The contract has no answer for a dropped message,
	 * which is acknowledged like a handled one.
	 */
	private static PubSubProto.PullMessagesRequest answer(String id, MessageDelivery.Verdict verdict) {
		PubSubProto.PullMessagesRequest.Builder answer = PubSubProto.PullMessagesRequest.newBuilder()
			.setAckMessageId(id);
		String error = verdict.retryReason();
		if (error != null) {
			answer.setAckError(PubSubProto.AckMessageError.newBuilder().setMessage(error));
		}
		return answer.build();
	}

	@Override
	public void abandon() {
		this.delivery.stop();
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		long begun = System.nanoTime();
		return this.pauses.closing(List.of(this), grace)
			.thenCompose((paused) -> end(grace.minusNanos(System.nanoTime() - begun)));
	}

	/**
	 * End the subscription without pausing the component before.
	 */
	CompletionStage<?> end(Duration grace) {
		this.delivery.finish();
		return this.stream.drain(grace);
	}

	@Override
	public void close() {
		drain(this.request.grace());
		if (!this.delivery.isHandling()) {
			this.stream.awaitEnd(this.request.grace());
		}
	}

	@Override
	public String toString() {
		return this.stream.toString();
	}

}
