package dev.pluggable.state;

import java.util.List;
import java.util.Map;
import java.util.Set;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.ErrorInfo;
import dev.pluggable.CallFailure;
import dev.pluggable.ErrorDetail;
import dev.pluggable.PluggableException;
import dev.pluggable.kind.ServiceCalls;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Converts the errors of state stores to statuses and back. A host recognises them by the
 * code together with exactly one detail of exactly the right type.
 */
final class GrpcStateErrors {

	private static final String ETAG = "etag";

	private static final String EXPECTED = "expected";

	private static final String AFFECTED = "affected";

	/**
	 * Dapr's host looks for etag errors in the first four operations only; in a
	 * transaction they have the same meaning.
	 */
	private static final Set<String> OPERATIONS_WITH_ETAG = Set.of("Set", "Delete", "BulkSet", "BulkDelete",
			"Transact");

	/** Start of the text of an etag mismatch in Dapr's own stores. */
	private static final String MISMATCH_TEXT = "possible etag mismatch";

	/** Start of the text of a malformed etag in Dapr's own stores. */
	private static final String INVALID_TEXT = "invalid etag value";

	private GrpcStateErrors() {
	}

	/**
	 * The exception for a failed call.
	 * @param failure the call
	 * @return the exception, {@code null} if the failure has no meaning of its own for
	 * state stores
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
				// Dapr's Java SDK sends the violation without the surrounding message.
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
	 * Recognise etag errors by their text: Dapr's Go SDK does not convert the etag errors
	 * of Dapr's own stores to statuses.
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
	 * The status for an error of state stores.
	 * @param ex exception of an implementation
	 * @param message message of the exception
	 * @return the status with its details, {@code null} if the exception is none of these
	 * errors
	 */
	static @Nullable StatusRuntimeException toStatus(PluggableException ex, String message) {
		if (ex instanceof EtagMismatchException) {
			return ServiceCalls.status(Status.Code.FAILED_PRECONDITION, message, etagDetail(message));
		}
		if (ex instanceof EtagInvalidException) {
			return ServiceCalls.status(Status.Code.INVALID_ARGUMENT, message, etagDetail(message));
		}
		if (ex instanceof BulkDeleteException bulkDelete) {
			return ServiceCalls.status(Status.Code.INTERNAL, message, bulkDeleteDetail(bulkDelete));
		}
		return null;
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

}
