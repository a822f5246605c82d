package dev.pluggable.state;

import dev.pluggable.CallFailure;

/**
 * The stored value is not the one that the change was meant for: its etag is another one,
 * it is gone, or it exists although the first write was to win. Nothing was changed.
 * Thrown by an implementation of {@link StateStore}, it reaches the caller in the other
 * process as the same exception.
 *
 * @since 0.1.0
 */
public class EtagMismatchException extends StateException {

	private static final long serialVersionUID = 1L;

	/**
	 * The etag does not match.
	 * @param message what does not match, without the value
	 */
	public EtagMismatchException(String message) {
		super(message, (Throwable) null);
	}

	EtagMismatchException(String message, CallFailure failure) {
		super(message, failure);
	}

}
