package dev.pluggable;

/**
 * The component does not implement the operation: it answered {@code UNIMPLEMENTED}, or
 * does not list the feature that the operation needs.
 *
 * @since 0.1.0
 */
public class UnsupportedOperationByComponentException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * The operation is not supported.
	 * @param message what is not supported
	 */
	public UnsupportedOperationByComponentException(String message) {
		super(message, (Throwable) null);
	}

	/**
	 * The operation is not supported, so nothing was sent.
	 * @param component name of the component
	 * @param kind name of its kind
	 * @param operation what was to be done
	 * @param reason why it was not done
	 */
	public UnsupportedOperationByComponentException(String component, String kind, String operation, String reason) {
		super(component, kind, operation, reason);
	}

	UnsupportedOperationByComponentException(String message, CallFailure failure) {
		super(message, failure);
	}

}
