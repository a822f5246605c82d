package dev.pluggable.pubsub;

/**
 * The outcome of handling a message.
 *
 * @since 0.1.0
 */
public enum MessageOutcome {

	/**
	 * The message is handled: the component does not send it again.
	 */
	ACK,

	/**
	 * The message was not handled. The subscription makes the next attempt; after its
	 * last attempt, the message goes to the dead-letter topic or, without one, back to
	 * the component, which sends it again.
	 */
	RETRY,

	/**
	 * The message can never be handled. It goes to the dead-letter topic, if there is
	 * one, and is not sent again.
	 */
	DROP

}
