package dev.pluggable.pubsub;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.pluggable.stream.HandlerRunner;
import dev.pluggable.stream.Settlement;
import org.jspecify.annotations.Nullable;

/**
 * Publishes messages that a subscription could not handle to its dead-letter topic.
 */
final class DeadLetters {

	/** Metadata of a dead letter: the topic of the original message. */
	static final String SOURCE = "deadLetterSource";

	/** Metadata of a dead letter: the reason why the message was not handled. */
	static final String REASON = "deadLetterReason";

	private final String topic;

	private final Consumer<PublishRequest> publisher;

	private final HandlerRunner runner;

	DeadLetters(String topic, Consumer<PublishRequest> publisher, HandlerRunner runner) {
		this.topic = topic;
		this.publisher = publisher;
		this.runner = runner;
	}

	String topic() {
		return this.topic;
	}

	/**
	 * Publish a message. Does not block.
	 * @param result receives {@code null} if the message was published, otherwise the
	 * failure
	 */
	void publish(Settlement<?> settlement, Message message, String reason, Consumer<@Nullable Throwable> result) {
		this.runner.run(settlement, () -> {
			this.publisher.accept(deadLetter(message, reason));
			return CompletableFuture.completedFuture(true);
		}, (published, failure) -> result.accept(failure));
	}

	private PublishRequest deadLetter(Message message, String reason) {
		Map<String, String> metadata = new HashMap<>(message.metadata());
		// The time to live was for the original message, which did not expire.
		metadata.remove(Retention.TTL);
		metadata.put(SOURCE, message.topic());
		metadata.put(REASON, reason);
		return new PublishRequest(this.topic, message.data(), message.contentType(), metadata);
	}

	/**
	 * Stop all publications that run now.
	 */
	void stop() {
		this.runner.stopAll();
	}

}
