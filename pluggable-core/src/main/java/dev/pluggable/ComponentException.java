package dev.pluggable;

import org.jspecify.annotations.Nullable;

/**
 * A failure of a component for which there is no other exception.
 *
 * @since 0.1.0
 */
public class ComponentException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception for a failure outside a gRPC call, such as in a built-in
	 * component.
	 * @param message description of the failure
	 * @param cause cause of the failure, {@code null} if it is not known
	 */
	public ComponentException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

	/**
	 * Create an exception for a failed call.
	 * @param message description of the failure
	 * @param failure the call
	 */
	public ComponentException(String message, CallFailure failure) {
		super(message, failure);
	}

}
