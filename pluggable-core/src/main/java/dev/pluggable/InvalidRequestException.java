package dev.pluggable;

/**
 * The component cannot use the request ({@code INVALID_ARGUMENT}). Thrown by an
 * implementation, it reaches the caller in the other process as the same exception.
 *
 * @since 0.1.0
 */
public class InvalidRequestException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * The request cannot be used.
	 * @param message what is wrong with it
	 */
	public InvalidRequestException(String message) {
		super(message, (Throwable) null);
	}

	/**
	 * The request cannot be used, so nothing was sent.
	 * @param component name of the component
	 * @param kind name of its kind
	 * @param operation what was to be done
	 * @param reason why it was not done
	 */
	public InvalidRequestException(String component, String kind, String operation, String reason) {
		super(component, kind, operation, reason);
	}

	InvalidRequestException(String message, CallFailure failure) {
		super(message, failure);
	}

}
