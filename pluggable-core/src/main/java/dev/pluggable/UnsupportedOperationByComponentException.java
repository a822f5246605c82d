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

	UnsupportedOperationByComponentException(String message, CallFailure failure) {
		super(message, failure);
	}

}
