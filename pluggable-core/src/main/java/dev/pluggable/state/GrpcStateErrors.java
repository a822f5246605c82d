package dev.pluggable.state;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.ErrorInfo;
import dev.pluggable.CallFailure;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.ErrorDetail;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The semantic errors of state stores as statuses, in both directions. A host recognises
 * them by code and details together: exactly one detail, of exactly the type expected.
 */
final class GrpcStateErrors {

	private static final Logger logger = LoggerFactory.getLogger(GrpcStateErrors.class);

	private static final String TYPE_URL_PREFIX = "type.googleapis.com/";

	private static final String ETAG = "etag";

	private static final String EXPECTED = "expected";

	private static final String AFFECTED = "affected";

	/**
	 * Dapr's host looks for etag errors in the first four only; in a transaction they
	 * mean the same.
	 */
	private static final Set<String> OPERATIONS_WITH_ETAG = Set.of("Set", "Delete", "BulkSet", "BulkDelete",
			"Transact");

	/** Start of the text of an etag mismatch in Dapr's own stores. */
	private static final String MISMATCH_TEXT = "possible etag mismatch";

	/** Start of the text of a malformed etag in Dapr's own stores. */
	private static final String INVALID_TEXT = "invalid etag value";

	/**
	 * Longest message that is sent. It is sent up to three times, in trailers that a
	 * client takes up to 8 KiB of, and each character can become nine bytes.
	 */
	private static final int MAX_MESSAGE_LENGTH = 400;

	private GrpcStateErrors() {
	}

	/**
	 * The exception for a failed call.
	 * @param failure the call
	 * @return the exception, {@code null} if the failure means nothing particular here
	 */
	static @Nullable PluggableException toException(CallFailure failure) {
		if (!OPERATIONS_WITH_ETAG.contains(failure.operation())) {
			return null;
		}
		return switch (failure.code()) {
			case FAILED_PRECONDITION -> {
				FieldViolation violation = etagViolation(failure.details());
				yield (violation != null) ? new EtagMismatchException(message(failure, violation), failure) : null;
			}
			case INVALID_ARGUMENT -> {
				FieldViolation violation = etagViolation(failure.details());
				yield (violation != null) ? new EtagInvalidException(message(failure, violation), failure) : null;
			}
			case UNKNOWN -> byText(failure);
			case INTERNAL -> "BulkDelete".equals(failure.operation()) ? bulkDelete(failure) : null;
			default -> null;
		};
	}

	private static @Nullable FieldViolation etagViolation(List<ErrorDetail> details) {
		if (details.size() != 1) {
			return null;
		}
		ErrorDetail detail = details.get(0);
		try {
			FieldViolation violation = null;
			if (detail.typeName().equals(BadRequest.getDescriptor().getFullName())) {
				BadRequest request = BadRequest.parseFrom(detail.value());
				violation = (request.getFieldViolationsCount() == 1) ? request.getFieldViolations(0) : null;
			}
			else if (detail.typeName().equals(FieldViolation.getDescriptor().getFullName())) {
				// Dapr's Java SDK sends the violation without the message around it.
				violation = FieldViolation.parseFrom(detail.value());
			}
			return (violation != null && violation.getField().equals(ETAG)) ? violation : null;
		}
		catch (InvalidProtocolBufferException ex) {
			return null;
		}
	}

	private static String message(CallFailure failure, FieldViolation violation) {
		String description = violation.getDescription();
		return failure.summary()
				+ ((description.isEmpty() || description.equals(failure.description())) ? "" : ": " + description);
	}

	/**
	 * Dapr's Go SDK does not turn the etag errors of Dapr's own stores into statuses, so
	 * that nothing but their text is left.
	 */
	private static @Nullable PluggableException byText(CallFailure failure) {
		if (failure.details().isEmpty()) {
			if (failure.description().startsWith(MISMATCH_TEXT)) {
				return new EtagMismatchException(failure.summary(), failure);
			}
			if (failure.description().startsWith(INVALID_TEXT)) {
				return new EtagInvalidException(failure.summary(), failure);
			}
		}
		return null;
	}

	private static @Nullable PluggableException bulkDelete(CallFailure failure) {
		if (failure.details().size() != 1
				|| !failure.details().get(0).typeName().equals(ErrorInfo.getDescriptor().getFullName())) {
			return null;
		}
		try {
			Map<String, String> metadata = ErrorInfo.parseFrom(failure.details().get(0).value()).getMetadataMap();
			return new BulkDeleteException(Long.parseLong(metadata.getOrDefault(EXPECTED, "")),
					Long.parseLong(metadata.getOrDefault(AFFECTED, "")), failure);
		}
		catch (InvalidProtocolBufferException | NumberFormatException ex) {
			return null;
		}
	}

	/**
	 * The status for what an implementation threw.
	 * @param operation what it was asked to do
	 * @param ex what it threw
	 * @return the status with its details
	 */
	static StatusRuntimeException toStatus(String operation, Exception ex) {
		if (!(ex instanceof PluggableException)) {
			logger.warn("{} of a served state store failed", operation, ex);
			return status(Status.Code.INTERNAL, operation + " failed: " + ex.getClass().getName());
		}
		CallFailure failure = ((PluggableException) ex).getFailure();
		String message = abbreviate(
				(failure != null) ? failure.description() : Objects.requireNonNullElse(ex.getMessage(), ""));
		if (failure != null && failure.kitError() != null) {
			return same(failure);
		}
		if (ex instanceof EtagMismatchException) {
			return status(Status.Code.FAILED_PRECONDITION, message, etagDetail(message));
		}
		if (ex instanceof EtagInvalidException) {
			return status(Status.Code.INVALID_ARGUMENT, message, etagDetail(message));
		}
		if (ex instanceof BulkDeleteException bulkDelete) {
			return status(Status.Code.INTERNAL, message, bulkDeleteDetail(bulkDelete));
		}
		if (failure != null) {
			return same(failure);
		}
		if (ex instanceof InvalidRequestException) {
			return status(Status.Code.INVALID_ARGUMENT, message);
		}
		if (ex instanceof UnsupportedOperationByComponentException) {
			return status(Status.Code.UNIMPLEMENTED, message);
		}
		if (ex instanceof ComponentUnavailableException) {
			return status(Status.Code.UNAVAILABLE, message);
		}
		logger.warn("{} of a served state store failed", operation, ex);
		return status(Status.Code.INTERNAL, message);
	}

	/**
	 * The status for a call to an instance that was not initialised.
	 * @return the status
	 */
	static StatusRuntimeException notInitialized() {
		return status(Status.Code.FAILED_PRECONDITION, "The state store is not initialised: Init was not called");
	}

	private static String abbreviate(String message) {
		if (message.length() <= MAX_MESSAGE_LENGTH) {
			return message;
		}
		int end = MAX_MESSAGE_LENGTH - 3;
		return message.substring(0, Character.isHighSurrogate(message.charAt(end - 1)) ? end - 1 : end) + "...";
	}

	private static Message etagDetail(String message) {
		return BadRequest.newBuilder()
			.addFieldViolations(FieldViolation.newBuilder().setField(ETAG).setDescription(message))
			.build();
	}

	private static Message bulkDeleteDetail(BulkDeleteException ex) {
		return ErrorInfo.newBuilder()
			.putMetadata(EXPECTED, Long.toString(ex.getExpected()))
			.putMetadata(AFFECTED, Long.toString(ex.getAffected()))
			.build();
	}

	private static StatusRuntimeException status(Status.Code code, String message, Message... details) {
		com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
			.setCode(code.value())
			.setMessage(message);
		for (Message detail : details) {
			status.addDetails(Any.pack(detail));
		}
		return StatusProto.toStatusRuntimeException(status.build());
	}

	/**
	 * The status of a component behind the implementation, with the details that it sent.
	 */
	private static StatusRuntimeException same(CallFailure failure) {
		com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
			.setCode(failure.code().value())
			.setMessage(failure.description());
		for (ErrorDetail detail : failure.details()) {
			status.addDetails(Any.newBuilder()
				.setTypeUrl(TYPE_URL_PREFIX + detail.typeName())
				.setValue(ByteString.copyFrom(detail.value())));
		}
		return StatusProto.toStatusRuntimeException(status.build());
	}

}
