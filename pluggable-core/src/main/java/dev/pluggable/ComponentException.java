package dev.pluggable;

import org.jspecify.annotations.Nullable;

/**
 * A failure that the component reported and that none of the other exceptions stands for.
 *
 * @since 0.1.0
 */
public class ComponentException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * A failure outside a call over gRPC, such as in a built-in component.
	 * @param message what happened
	 * @param cause why, if known
	 */
	public ComponentException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

	/**
	 * A failed call.
	 * @param message what happened
	 * @param failure the call
	 */
	public ComponentException(String message, CallFailure failure) {
		super(message, failure);
	}

}
