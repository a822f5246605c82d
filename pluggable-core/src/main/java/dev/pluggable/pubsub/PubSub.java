package dev.pluggable.pubsub;

import java.util.Map;
import java.util.Set;

import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;

/**
 * Publishes messages to topics and hands those of subscribed topics to handlers. An
 * application injects it, and the author of a component implements it; what can be done
 * beyond publishing and subscribing is said by {@link #features()}. Safe for use by many
 * threads.
 * <p>
 * Delivery is at least once: a message is given back to the component, and comes again,
 * unless its handler said that it is done with. All methods throw a
 * {@link PluggableException} if the component cannot do what is asked.
 *
 * @see PubSubFeatures
 * @since 0.1.0
 */
public interface PubSub {

	/**
	 * Publish a message. When the method returns, the component has taken it.
	 * @param request the topic, the data and what belongs to it
	 */
	void publish(PublishRequest request);

	/**
	 * Publish data with nothing else specified.
	 * @param topic the topic, not empty
	 * @param data the data, not copied
	 */
	default void publish(String topic, byte[] data) {
		publish(PublishRequest.of(topic, data));
	}

	/**
	 * Publish several messages to one topic. If this method is not implemented, they are
	 * published one after the other, and a failure concerns its entry only, unless the
	 * component is not there: then the remaining ones are not tried.
	 * @param request the topic and the messages
	 * @throws BulkPublishException if some were not published; it names them
	 */
	default void bulkPublish(BulkPublishRequest request) {
		Map<String, String> failed = BulkPublishing.oneByOne(request, this::publish);
		if (!failed.isEmpty()) {
			throw new BulkPublishException(failed);
		}
	}

	/**
	 * Have the messages of a topic handled from now on, whatever becomes of the process
	 * behind the component meanwhile: the subscription is made anew on each generation.
	 * It begins when the component is ready; if it is not there yet, the method returns
	 * all the same.
	 * @param request the topic, and how its messages are to be handled
	 * @param handler handles each message
	 * @return the subscription; closing it ends it in order
	 */
	Subscription subscribe(SubscribeRequest request, MessageHandler handler);

	/**
	 * Have the messages of a topic handled with nothing else specified.
	 * @param topic the topic, not empty
	 * @param handler handles each message
	 * @return the subscription; closing it ends it in order
	 */
	default Subscription subscribe(String topic, MessageHandler handler) {
		return subscribe(SubscribeRequest.of(topic), handler);
	}

	/**
	 * What the component can do beyond publishing and subscribing.
	 * @return names, exactly as the component spells them
	 */
	Set<String> features();

	/**
	 * Ask the component to send no further messages to any subscription of this
	 * application, until {@link #resume()} or until it is initialised anew, as it is on
	 * each generation. Those that it has sent may still be answered.
	 * @throws UnsupportedOperationByComponentException if it has no such operation
	 */
	default void pause() {
		throw new UnsupportedOperationByComponentException("The pub/sub component cannot pause");
	}

	/**
	 * Ask the component to send messages again after {@link #pause()}.
	 * @throws UnsupportedOperationByComponentException if it has no such operation
	 */
	default void resume() {
		throw new UnsupportedOperationByComponentException("The pub/sub component cannot resume");
	}

	/**
	 * Check that the component is well. If this method is not implemented, it always is.
	 */
	default void ping() {
	}

}
