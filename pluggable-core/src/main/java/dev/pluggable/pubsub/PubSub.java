package dev.pluggable.pubsub;

import java.util.Map;
import java.util.Set;

import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;

/**
 * Publishes messages to topics, and delivers the messages of topics to handlers. An
 * application injects this interface, and the author of a component implements it. The
 * {@link #features() features} name the abilities that not all components have. Safe for
 * use by many threads.
 * <p>
 * Messages are delivered at least once: the component sends a message again until a
 * handler has acknowledged it. All methods throw a {@link PluggableException} if the
 * component cannot carry out the operation.
 *
 * @see PubSubFeatures
 * @since 0.1.0
 */
public interface PubSub {

	/**
	 * Publish a message. The component has accepted the message when the method returns.
	 * @param request the topic, the data and its metadata
	 */
	void publish(PublishRequest request);

	/**
	 * Publish data without content type and metadata.
	 * @param topic the topic, not empty
	 * @param data the data, not copied
	 */
	default void publish(String topic, byte[] data) {
		publish(PublishRequest.of(topic, data));
	}

	/**
	 * Publish several messages to one topic. Unless overridden, this method publishes one
	 * message after the other; after a failure it goes on with the next message, unless
	 * the component is unavailable.
	 * @param request the topic and the messages
	 * @throws BulkPublishException if some messages were not published
	 */
	default void bulkPublish(BulkPublishRequest request) {
		Map<String, String> failed = BulkPublishing.oneByOne(request, this::publish);
		if (!failed.isEmpty()) {
			throw new BulkPublishException(failed);
		}
	}

	/**
	 * Deliver the messages of a topic to a handler. The subscription is renewed on each
	 * generation of the component. The method does not wait until the component is ready:
	 * the subscription begins at that moment.
	 * @param request the topic, and limits for the handling of its messages
	 * @param handler handles each message
	 * @return the subscription; closing it ends it in order
	 */
	Subscription subscribe(SubscribeRequest request, MessageHandler handler);

	/**
	 * Deliver the messages of a topic to a handler, with default limits.
	 * @param topic the topic, not empty
	 * @param handler handles each message
	 * @return the subscription; closing it ends it in order
	 */
	default Subscription subscribe(String topic, MessageHandler handler) {
		return subscribe(SubscribeRequest.of(topic), handler);
	}

	/**
	 * The features of the component.
	 * @return names, exactly as the component spells them
	 */
	Set<String> features();

	/**
	 * Stop the component from sending messages to the subscriptions of this application,
	 * until {@link #resume()} or the next initialisation, which happens on each
	 * generation. Messages that the component has sent can still be acknowledged.
	 * @throws UnsupportedOperationByComponentException if the component has no such
	 * operation
	 */
	default void pause() {
		throw new UnsupportedOperationByComponentException("The pub/sub component cannot pause");
	}

	/**
	 * Let the component send messages again after {@link #pause()}.
	 * @throws UnsupportedOperationByComponentException if the component has no such
	 * operation
	 */
	default void resume() {
		throw new UnsupportedOperationByComponentException("The pub/sub component cannot resume");
	}

	/**
	 * Check the health of the component. Unless overridden, the component is always
	 * healthy.
	 */
	default void ping() {
	}

}
