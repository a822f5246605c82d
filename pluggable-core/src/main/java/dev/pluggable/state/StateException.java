package dev.pluggable.state;

import dev.pluggable.CallFailure;
import dev.pluggable.PluggableException;
import org.jspecify.annotations.Nullable;

/**
 * The parent of the exceptions of state stores.
 *
 * @since 0.1.0
 */
public abstract class StateException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception for a failure outside a gRPC call, such as in an implementation
	 * of {@link StateStore}.
	 * @param message description of the failure, without the value
	 * @param cause cause of the failure, {@code null} if it is not known
	 */
	protected StateException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

	/**
	 * Create an exception for a failed call.
	 * @param message description of the failure
	 * @param failure the call
	 */
	protected StateException(String message, CallFailure failure) {
		super(message, failure);
	}

}
