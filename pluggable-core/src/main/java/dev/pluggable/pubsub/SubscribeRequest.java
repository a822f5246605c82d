package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.Map;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * What to subscribe to, and how its messages are to be handled.
 *
 * @param topic the topic, not empty
 * @param metadata hints for this subscription only; immutable
 * @param concurrency how many messages are handled at the same time at most; with 1 they
 * are handled in the order in which the component sends them. No further message is asked
 * for while so many are being handled
 * @param handlerTimeout how long one attempt to handle a message may take; then its
 * thread is interrupted and the attempt has failed
 * @param attempts how often a message is given to the handler at most, each time the
 * component sends it, before it goes to the dead-letter topic or back to the component
 * @param retryDelay how long to wait between two attempts; the message goes on counting
 * for the concurrency
 * @param deadLetterTopic topic of the same component for messages that could not be
 * handled; {@code null} if there is none. They are published as they were received, but
 * without {@code ttlInSeconds} and with the metadata {@code deadLetterSource}, the topic,
 * and {@code deadLetterReason}, which contains nothing of the message
 * @param grace how long messages that are being handled may take when the subscription is
 * closed
 * @since 0.1.0
 */
public record SubscribeRequest(String topic, Map<String, String> metadata, int concurrency, Duration handlerTimeout,
		int attempts, Duration retryDelay, @Nullable String deadLetterTopic, Duration grace) {

	/**
	 * How long one attempt to handle a message may take unless something else is said.
	 */
	public static final Duration DEFAULT_HANDLER_TIMEOUT = Duration.ofMinutes(1);

	/**
	 * How long messages that are being handled may take when the subscription is closed,
	 * unless something else is said.
	 */
	public static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the topic is null or empty, the dead-letter
	 * topic is empty or the topic itself, the concurrency or the attempts are not
	 * positive, or a time is negative or, but for the delay, zero
	 */
	public SubscribeRequest {
		Checks.hasText(topic, "topic");
		metadata = Map.copyOf(metadata);
		Checks.positive(concurrency, "concurrency");
		Checks.positive(handlerTimeout, "handlerTimeout");
		Checks.positive(attempts, "attempts");
		Checks.notNegative(retryDelay, "retryDelay");
		Checks.notEmpty(deadLetterTopic, "deadLetterTopic");
		Checks.positive(grace, "grace");
		if (topic.equals(deadLetterTopic)) {
			throw new IllegalArgumentException("'deadLetterTopic' must not be the topic itself");
		}
	}

	/**
	 * Subscribe to a topic: as many messages at a time as there are processors, 1 minute
	 * and one attempt for each, no dead-letter topic, 10 seconds at the end.
	 * @param topic the topic, not empty
	 * @return the request
	 */
	public static SubscribeRequest of(String topic) {
		return new SubscribeRequest(topic, Map.of(), Runtime.getRuntime().availableProcessors(),
				DEFAULT_HANDLER_TIMEOUT, 1, Duration.ZERO, null, DEFAULT_GRACE);
	}

	/**
	 * The same request with other metadata.
	 * @param metadata hints that replace those there are
	 * @return a new request
	 */
	public SubscribeRequest withMetadata(Map<String, String> metadata) {
		return new SubscribeRequest(this.topic, metadata, this.concurrency, this.handlerTimeout, this.attempts,
				this.retryDelay, this.deadLetterTopic, this.grace);
	}

	/**
	 * The same request with another concurrency.
	 * @param concurrency how many messages are handled at the same time at most
	 * @return a new request
	 */
	public SubscribeRequest withConcurrency(int concurrency) {
		return new SubscribeRequest(this.topic, this.metadata, concurrency, this.handlerTimeout, this.attempts,
				this.retryDelay, this.deadLetterTopic, this.grace);
	}

	/**
	 * The same request with another time for an attempt.
	 * @param handlerTimeout how long one attempt to handle a message may take
	 * @return a new request
	 */
	public SubscribeRequest withHandlerTimeout(Duration handlerTimeout) {
		return new SubscribeRequest(this.topic, this.metadata, this.concurrency, handlerTimeout, this.attempts,
				this.retryDelay, this.deadLetterTopic, this.grace);
	}

	/**
	 * The same request with other attempts.
	 * @param attempts how often a message is given to the handler at most
	 * @param delay how long to wait between two attempts
	 * @return a new request
	 */
	public SubscribeRequest withAttempts(int attempts, Duration delay) {
		return new SubscribeRequest(this.topic, this.metadata, this.concurrency, this.handlerTimeout, attempts, delay,
				this.deadLetterTopic, this.grace);
	}

	/**
	 * The same request with another dead-letter topic.
	 * @param topic topic for messages that could not be handled; {@code null} for none
	 * @return a new request
	 */
	public SubscribeRequest withDeadLetterTopic(@Nullable String topic) {
		return new SubscribeRequest(this.topic, this.metadata, this.concurrency, this.handlerTimeout, this.attempts,
				this.retryDelay, topic, this.grace);
	}

	/**
	 * The same request with another grace.
	 * @param grace how long messages that are being handled may take at the end
	 * @return a new request
	 */
	public SubscribeRequest withGrace(Duration grace) {
		return new SubscribeRequest(this.topic, this.metadata, this.concurrency, this.handlerTimeout, this.attempts,
				this.retryDelay, this.deadLetterTopic, grace);
	}

}
