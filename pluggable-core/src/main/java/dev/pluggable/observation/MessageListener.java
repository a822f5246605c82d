package dev.pluggable.observation;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Hears of each message and each event of an input binding that the application handles,
 * of the subscriptions, and of what the application publishes.
 * <p>
 * Must be safe for use by many threads, and must neither block nor throw. What a listener
 * throws is logged and changes nothing else.
 *
 * @since 0.1.0
 */
public interface MessageListener {

	/**
	 * A message has arrived. Runs before its first attempt, on any thread.
	 * @param message the message
	 * @return hears what happens to the message
	 */
	Handling received(ObservedMessage message);

	/**
	 * The trace of the calling thread, in fields that travel with a message: the thread
	 * is about to publish a message or to invoke an output binding.
	 * @return values by the names of fields, such as {@code traceparent}; none unless
	 * overridden
	 */
	default Map<String, String> traceFields() {
		return Map.of();
	}

	/**
	 * The application has begun to take messages or events. Does nothing unless
	 * overridden.
	 * @param subscription the subscription
	 */
	default void subscribed(ObservedSubscription subscription) {
	}

	/**
	 * Hears what happens to one message.
	 */
	interface Handling {

		/**
		 * An attempt to handle the message begins. Runs on the thread of the handler,
		 * just before the handler.
		 * @return closed on the same thread as soon as the handler has returned; an
		 * asynchronous handler may not be done by then
		 */
		Scope attempt();

		/**
		 * The message needs no further attempt. Called once, on any thread.
		 * @param outcome the outcome
		 * @param failure the last failure of the handler, {@code null} if there is none;
		 * its message may contain parts of the payload, so it belongs neither in a tag
		 * nor in a log
		 */
		void ended(Outcome outcome, @Nullable Throwable failure);

	}

	/**
	 * What a listener opens for the time of an attempt.
	 */
	@FunctionalInterface
	interface Scope extends AutoCloseable {

		@Override
		void close();

	}

	/**
	 * What became of a message.
	 */
	enum Outcome {

		/**
		 * The message was handled.
		 */
		ACK,

		/**
		 * The component hears that the message was not handled, and may send it again.
		 */
		RETRY,

		/**
		 * The message was not handled and is not sent again.
		 */
		DROP,

		/**
		 * The message went to the dead-letter topic.
		 */
		DEAD_LETTER

	}

}
