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

	InvalidRequestException(String message, CallFailure failure) {
		super(message, failure);
	}

}
