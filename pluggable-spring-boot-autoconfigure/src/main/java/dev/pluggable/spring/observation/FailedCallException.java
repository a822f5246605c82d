package dev.pluggable.spring.observation;

import io.grpc.Status;

/**
 * The error of an observed call: the code of its status, without a text of the component.
 */
final class FailedCallException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	FailedCallException(Status.Code code) {
		super(code.name(), null, false, false);
	}

}
