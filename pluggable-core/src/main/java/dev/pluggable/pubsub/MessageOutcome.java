package dev.pluggable.pubsub;

/**
 * What became of a message.
 *
 * @since 0.1.0
 */
public enum MessageOutcome {

	/**
	 * It is done with: the component must not send it again.
	 */
	ACK,

	/**
	 * It could not be handled now: another attempt is made as the subscription says, and
	 * if that was the last, the message goes to the dead-letter topic or, without one,
	 * back to the component, which sends it again.
	 */
	RETRY,

	/**
	 * It can never be handled: it goes to the dead-letter topic, if there is one, and is
	 * not sent again.
	 */
	DROP

}
