package dev.pluggable.spring.listener;

import dev.pluggable.stream.StreamStatus;
import org.jspecify.annotations.Nullable;

/**
 * The status of a listener at one moment. Immutable.
 *
 * @param id id of the listener
 * @param method the class and the method, such as {@code Orders.placed}
 * @param type interface of the component, {@code PubSub} or {@code InputBinding}
 * @param component name of the component; {@code null} if the name is not known yet, or
 * if the listener uses a bean that is not a component
 * @param topic the topic, {@code null} for bindings
 * @param state state of the listener
 * @param reason reason why a started listener takes no messages; {@code null} if there is
 * none
 * @param stream status of the subscription, {@code null} if there is no subscription
 * @since 0.1.0
 */
public record ListenerStatus(String id, String method, Class<?> type, @Nullable String component,
		@Nullable String topic, State state, @Nullable String reason, @Nullable StreamStatus stream) {

	/**
	 * The state of a listener.
	 */
	public enum State {

		/**
		 * The listener was not started, or was stopped.
		 */
		STOPPED,

		/**
		 * The listener is started and waits until the component exists.
		 */
		WAITING,

		/**
		 * The listener is subscribed. The status of the subscription tells whether
		 * messages arrive.
		 */
		LISTENING

	}

}
