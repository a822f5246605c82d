package dev.pluggable;

/**
 * A component does not support an operation: it answered {@code UNIMPLEMENTED}, or does
 * not report the feature that the operation needs.
 *
 * @since 0.1.0
 */
public class UnsupportedOperationByComponentException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param message the operation that is not supported
	 */
	public UnsupportedOperationByComponentException(String message) {
		super(message, (Throwable) null);
	}

	/**
	 * Create an exception for a call that was not sent.
	 * @param component name of the component
	 * @param kind name of the component's kind
	 * @param operation name of the operation
	 * @param reason reason why the call was not sent
	 */
	public UnsupportedOperationByComponentException(String component, String kind, String operation, String reason) {
		super(component, kind, operation, reason);
	}

	UnsupportedOperationByComponentException(String message, CallFailure failure) {
		super(message, failure);
	}

}
