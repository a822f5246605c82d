package dev.pluggable.pubsub;

/**
 * Thrown by a handler that can never handle a message: the same as
 * {@link MessageOutcome#DROP}, with a reason that is logged and goes with the message to
 * the dead-letter topic.
 *
 * @since 0.1.0
 */
public class MessageDroppedException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * A message cannot be handled.
	 * @param reason why not, without anything of the message
	 */
	public MessageDroppedException(String reason) {
		super(reason);
	}

}
