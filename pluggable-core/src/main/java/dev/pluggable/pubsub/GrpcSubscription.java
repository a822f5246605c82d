package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.stream.StreamStatus;

/**
 * Stands in until subscriptions are there.
 */
final class GrpcSubscription implements Subscription {

	GrpcSubscription(ComponentClient client, SubscribeRequest request, MessageHandler handler, PubSub pubSub) {
		throw new UnsupportedOperationException();
	}

	@Override
	public String topic() {
		throw new UnsupportedOperationException();
	}

	@Override
	public StreamStatus status() {
		throw new UnsupportedOperationException();
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void close() {
	}

}
