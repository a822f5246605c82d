package dev.pluggable.pubsub;

/**
 * A handler throws this exception for a message that it can never handle. It is like the
 * outcome {@link MessageOutcome#DROP}, with a reason, which is logged and which the dead
 * letter carries.
 *
 * @since 0.1.0
 */
public class MessageDroppedException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param reason reason why the message cannot be handled, without parts of the
	 * message
	 */
	public MessageDroppedException(String reason) {
		super(reason);
	}

	/**
	 * Create an exception with a cause, which is logged.
	 * @param reason reason why the message cannot be handled, without parts of the
	 * message
	 * @param cause cause of the problem
	 */
	public MessageDroppedException(String reason, Throwable cause) {
		super(reason, cause);
	}

}
