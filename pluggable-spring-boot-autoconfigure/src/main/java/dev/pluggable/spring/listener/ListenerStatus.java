package dev.pluggable.spring.listener;

import dev.pluggable.stream.StreamStatus;
import org.jspecify.annotations.Nullable;

/**
 * Status of a listener at one moment.
 *
 * @param id its id
 * @param method the class and the method, such as {@code Orders.placed}
 * @param type what it listens to: {@code PubSub} or {@code InputBinding}
 * @param component name of the component; {@code null} if it is not known yet, or the
 * object listened to is no component
 * @param topic the topic, {@code null} for bindings
 * @param state whether it takes messages
 * @param reason why it does not, although it should; {@code null} if all is well
 * @param stream what is known of its stream, {@code null} if it has none
 * @since 0.1.0
 */
public record ListenerStatus(String id, String method, Class<?> type, @Nullable String component,
		@Nullable String topic, State state, @Nullable String reason, @Nullable StreamStatus stream) {

	/**
	 * Whether a listener takes messages.
	 */
	public enum State {

		/**
		 * The listener was not started, or it was stopped.
		 */
		STOPPED,

		/**
		 * Its component does not exist: it begins when the component comes.
		 */
		WAITING,

		/**
		 * The listener has a stream. The status of the stream tells whether messages
		 * flow.
		 */
		LISTENING

	}

}
