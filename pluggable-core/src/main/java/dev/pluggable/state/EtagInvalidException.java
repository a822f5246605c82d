package dev.pluggable.state;

import dev.pluggable.CallFailure;

/**
 * An etag has a form that the store does not use. Nothing was changed. An implementation
 * of {@link StateStore} in another process can throw this exception, which then reaches
 * the caller.
 *
 * @since 0.1.0
 */
public class EtagInvalidException extends StateException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param message the error in the etag, without the value
	 */
	public EtagInvalidException(String message) {
		super(message, (Throwable) null);
	}

	EtagInvalidException(String message, CallFailure failure) {
		super(message, failure);
	}

}
