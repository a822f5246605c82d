package dev.pluggable.observation;

import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.internal.support.LostConnection;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.Status;

/**
 * How a call ended. Immutable.
 *
 * @param outcome the outcome
 * @param code code of the status
 * @param mayHaveBeenApplied whether the component may have received the request;
 * {@code false} if the request certainly was not processed
 * @param waitedAtGate whether the call found its component not ready and waited
 * @since 0.1.0
 */
public record CallResult(Outcome outcome, Status.Code code, boolean mayHaveBeenApplied, boolean waitedAtGate) {

	/**
	 * Find the result that belongs to a status.
	 * @param status the status of the call
	 * @param waitedAtGate whether the call waited
	 * @return the result
	 */
	public static CallResult of(Status status, boolean waitedAtGate) {
		Throwable cause = status.getCause();
		boolean unseen = cause instanceof RequestNotSentException || cause instanceof ComponentUnavailableException;
		return new CallResult(outcome(status), status.getCode(), !unseen, waitedAtGate);
	}

	private static Outcome outcome(Status status) {
		if (LostConnection.isReason(status)) {
			return Outcome.UNAVAILABLE;
		}
		return switch (status.getCode()) {
			case OK -> Outcome.OK;
			case DEADLINE_EXCEEDED -> Outcome.TIMEOUT;
			case ABORTED, ALREADY_EXISTS, FAILED_PRECONDITION, INVALID_ARGUMENT, NOT_FOUND, OUT_OF_RANGE,
					PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNAUTHENTICATED, UNIMPLEMENTED ->
				Outcome.REJECTED;
			case CANCELLED, DATA_LOSS, INTERNAL, UNAVAILABLE, UNKNOWN -> Outcome.FAILED;
		};
	}

	/**
	 * The outcomes of calls.
	 */
	public enum Outcome {

		/**
		 * The component answered.
		 */
		OK,

		/**
		 * The component was not ready, or its connection was lost.
		 */
		UNAVAILABLE,

		/**
		 * The deadline passed.
		 */
		TIMEOUT,

		/**
		 * The component refused the request because of the request, its own state or its
		 * limits.
		 */
		REJECTED,

		/**
		 * Any other failure, or the caller cancelled the call.
		 */
		FAILED

	}

}
