package dev.pluggable.state;

import dev.pluggable.CallFailure;

/**
 * The etag cannot be one of this store's. Nothing was changed. Thrown by an
 * implementation of {@link StateStore}, it reaches the caller in the other process as the
 * same exception.
 *
 * @since 0.1.0
 */
public class EtagInvalidException extends StateException {

	private static final long serialVersionUID = 1L;

	/**
	 * The etag is malformed.
	 * @param message what is wrong with it, without the value
	 */
	public EtagInvalidException(String message) {
		super(message, (Throwable) null);
	}

	EtagInvalidException(String message, CallFailure failure) {
		super(message, failure);
	}

}
