package dev.pluggable.pubsub;

import java.time.Duration;
import java.util.Map;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * A request to subscribe to a topic, with limits for the handling of its messages.
 * Immutable.
 *
 * @param topic the topic, not empty
 * @param metadata hints for this subscription
 * @param concurrency maximum number of messages that are handled at the same time; with
 * 1, messages are handled in the order of the component. The component is asked for no
 * further message while that many are being handled
 * @param handlerTimeout time for one attempt to handle a message; the attempt then has
 * failed, and its thread is interrupted
 * @param attempts maximum number of attempts each time that the component sends the
 * message; after the last one, the message goes to the dead-letter topic or back to the
 * component
 * @param retryDelay time between two attempts, during which the message counts for the
 * concurrency
 * @param deadLetterTopic topic of the same component for messages that could not be
 * handled; {@code null} if there is none. A dead letter is a copy of the message without
 * {@code ttlInSeconds} and with the metadata {@code deadLetterSource}, the topic, and
 * {@code deadLetterReason}, which contains nothing of the message
 * @param grace time for messages that are being handled when the subscription is closed
 * @since 0.1.0
 */
public record SubscribeRequest(String topic, Map<String, String> metadata, int concurrency, Duration handlerTimeout,
		int attempts, Duration retryDelay, @Nullable String deadLetterTopic, Duration grace) {

	/**
	 * The default time for one attempt to handle a message: 1 minute.
	 */
	public static final Duration DEFAULT_HANDLER_TIMEOUT = Duration.ofMinutes(1);

	/**
	 * The default time for messages that are being handled when the subscription is
	 * closed: 10 seconds.
	 */
	public static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

	/**
	 * Create a request.
	 * @throws IllegalArgumentException if the topic is {@code null} or empty, if the
	 * dead-letter topic is empty or equals the topic, if the concurrency or the attempts
	 * are not positive, if the timeout or the grace is not positive, or if the delay is
	 * negative
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
	 * Create a request with defaults: a concurrency of as many messages as there are
	 * processors, 1 minute and one attempt for each message, no dead-letter topic, and a
	 * grace of 10 seconds.
	 * @param topic the topic, not empty
	 * @return the request
	 */
	public static SubscribeRequest of(String topic) {
		return new SubscribeRequest(topic, Map.of(), Runtime.getRuntime().availableProcessors(),
				DEFAULT_HANDLER_TIMEOUT, 1, Duration.ZERO, null, DEFAULT_GRACE);
	}

	/**
	 * Create the same request with other metadata.
	 * @param metadata hints that replace the present ones
	 * @return a new request
	 */
	public SubscribeRequest withMetadata(Map<String, String> metadata) {
		return new SubscribeRequest(this.topic, metadata, this.concurrency, this.handlerTimeout, this.attempts,
				this.retryDelay, this.deadLetterTopic, this.grace);
	}

	/**
	 * Create the same request with another concurrency.
	 * @param concurrency maximum number of messages that are handled at the same time
	 * @return a new request
	 */
	public SubscribeRequest withConcurrency(int concurrency) {
		return new SubscribeRequest(this.topic, this.metadata, concurrency, this.handlerTimeout, this.attempts,
				this.retryDelay, this.deadLetterTopic, this.grace);
	}

	/**
	 * Create the same request with another timeout.
	 * @param handlerTimeout time for one attempt to handle a message
	 * @return a new request
	 */
	public SubscribeRequest withHandlerTimeout(Duration handlerTimeout) {
		return new SubscribeRequest(this.topic, this.metadata, this.concurrency, handlerTimeout, this.attempts,
				this.retryDelay, this.deadLetterTopic, this.grace);
	}

	/**
	 * Create the same request with other attempts.
	 * @param attempts maximum number of attempts to handle a message
	 * @param delay time between two attempts
	 * @return a new request
	 */
	public SubscribeRequest withAttempts(int attempts, Duration delay) {
		return new SubscribeRequest(this.topic, this.metadata, this.concurrency, this.handlerTimeout, attempts, delay,
				this.deadLetterTopic, this.grace);
	}

	/**
	 * Create the same request with another dead-letter topic.
	 * @param topic topic for messages that could not be handled; {@code null} for none
	 * @return a new request
	 */
	public SubscribeRequest withDeadLetterTopic(@Nullable String topic) {
		return new SubscribeRequest(this.topic, this.metadata, this.concurrency, this.handlerTimeout, this.attempts,
				this.retryDelay, topic, this.grace);
	}

	/**
	 * Create the same request with another grace.
	 * @param grace time for messages that are being handled when the subscription is
	 * closed
	 * @return a new request
	 */
	public SubscribeRequest withGrace(Duration grace) {
		return new SubscribeRequest(this.topic, this.metadata, this.concurrency, this.handlerTimeout, this.attempts,
				this.retryDelay, this.deadLetterTopic, grace);
	}

}
