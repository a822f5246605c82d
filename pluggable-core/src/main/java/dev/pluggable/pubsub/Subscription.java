package dev.pluggable.pubsub;

import dev.pluggable.Draining;
import dev.pluggable.Registration;
import dev.pluggable.stream.StreamStatus;

/**
 * A topic whose messages are being handled. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface Subscription extends Registration, Draining {

	/**
	 * The topic.
	 * @return the topic, as it was asked for
	 */
	String topic();

	/**
	 * What is known of the subscription now.
	 * @return a consistent snapshot
	 */
	StreamStatus status();

	/**
	 * End the subscription: ask for no more messages, wait until those that are being
	 * handled are done with, at most for the grace of the request, and tell the
	 * component. Messages that were received and not begun are not answered, so that the
	 * component gives them to somebody else. If the subscription has ended already,
	 * nothing is done. On a thread that handles a message of this subscription, the
	 * method does not wait.
	 */
	@Override
	void close();

}
