package dev.pluggable.spring.observation;

/**
 * The error of an observed message: the class of the exception, without its text, which
 * may contain payload.
 */
final class FailedMessageException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	FailedMessageException(Class<?> type) {
		super(type.getName(), null, false, false);
	}

}
