package dev.pluggable.pubsub;

import dev.pluggable.Draining;
import dev.pluggable.Registration;
import dev.pluggable.stream.StreamStatus;

/**
 * A subscription whose messages are being handled. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface Subscription extends Registration, Draining {

	/**
	 * The topic of the request.
	 * @return the topic
	 */
	String topic();

	/**
	 * The status of the subscription.
	 * @return a consistent snapshot
	 */
	StreamStatus status();

	/**
	 * End the subscription: take no more messages, wait until those that are being
	 * handled are answered, for at most the grace of the request, and tell the component.
	 * Received messages whose handling has not begun get no answer, so that the component
	 * gives them to another consumer. On a thread that handles a message of this
	 * subscription, the method does not wait. Closing a subscription again has no effect.
	 */
	@Override
	void close();

}
