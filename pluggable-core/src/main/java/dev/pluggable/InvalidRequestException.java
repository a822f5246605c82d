package dev.pluggable;

/**
 * A component cannot use a request ({@code INVALID_ARGUMENT}). An implementation in
 * another process can throw this exception, which then reaches the caller.
 *
 * @since 0.1.0
 */
public class InvalidRequestException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param message the error in the request
	 */
	public InvalidRequestException(String message) {
		super(message, (Throwable) null);
	}

	/**
	 * Create an exception for a request that was not sent.
	 * @param component name of the component
	 * @param kind name of the component's kind
	 * @param operation name of the operation
	 * @param reason the error in the request
	 */
	public InvalidRequestException(String component, String kind, String operation, String reason) {
		super(component, kind, operation, reason);
	}

	InvalidRequestException(String message, CallFailure failure) {
		super(message, failure);
	}

}
