package dev.pluggable.state;

import dev.pluggable.CallFailure;
import dev.pluggable.PluggableException;
import org.jspecify.annotations.Nullable;

/**
 * A failure that means something particular to state stores.
 *
 * @since 0.1.0
 */
public abstract class StateException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * A failure outside a call over gRPC, such as in an implementation of
	 * {@link StateStore}.
	 * @param message what happened, without the value
	 * @param cause why, if known
	 */
	protected StateException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

	/**
	 * A failed call.
	 * @param message what happened
	 * @param failure the call
	 */
	protected StateException(String message, CallFailure failure) {
		super(message, failure);
	}

}
