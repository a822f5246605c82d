package dev.pluggable.state;

import dev.pluggable.CallFailure;

/**
 * The stored value is another one than the change expects: it has another etag, it does
 * not exist, or it exists although the first write wins. Nothing was changed. An
 * implementation of {@link StateStore} in another process can throw this exception, which
 * then reaches the caller.
 *
 * @since 0.1.0
 */
public class EtagMismatchException extends StateException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param message the mismatch, without the value
	 */
	public EtagMismatchException(String message) {
		super(message, (Throwable) null);
	}

	EtagMismatchException(String message, CallFailure failure) {
		super(message, failure);
	}

}
