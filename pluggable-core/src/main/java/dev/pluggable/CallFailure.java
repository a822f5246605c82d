package dev.pluggable;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.LostConnection;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.jspecify.annotations.Nullable;

/**
 * A failed call to a component: who was called, and the status with its details as the
 * component sent them.
 *
 * @param component name of the component
 * @param kind name of its kind
 * @param operation the gRPC method, without its service
 * @param code status code
 * @param description what the component said, empty if nothing
 * @param details the status details, in the order sent
 * @param kitError the error in the form of Dapr's kit, {@code null} if it has not that
 * form
 * @param cause the exception of the call
 * @since 0.1.0
 */
public record CallFailure(String component, String kind, String operation, Status.Code code, String description,
		List<ErrorDetail> details, @Nullable DaprKitError kitError, StatusRuntimeException cause) {

	public CallFailure {
		details = List.copyOf(details);
	}

	public static CallFailure of(ComponentClient client, String operation, StatusRuntimeException cause) {
		Status status = cause.getStatus();
		com.google.rpc.Status proto = StatusProto.fromThrowable(cause);
		List<Any> details = (proto != null) ? proto.getDetailsList() : List.of();
		String said = Objects.requireNonNullElse(status.getDescription(), "");
		String description = LogText.oneLine(client.withoutSecrets(said));
		StatusRuntimeException shown = said.equals(description) ? cause : cleaned(cause, description);
		return new CallFailure(client.component(), client.kind(), operation, status.getCode(), description,
				details.stream().map(CallFailure::detail).toList(), kitError(details), shown);
	}

	/**
	 * The exception is logged with its causes, so these must be as clean as its message.
	 */
	private static StatusRuntimeException cleaned(StatusRuntimeException cause, String description) {
		StatusRuntimeException clean = cause.getStatus()
			.withDescription(description)
			.asRuntimeException(cause.getTrailers());
		clean.setStackTrace(cause.getStackTrace());
		return clean;
	}

	private static ErrorDetail detail(Any any) {
		String url = any.getTypeUrl();
		return new ErrorDetail(url.substring(url.lastIndexOf('/') + 1), any.getValue().toByteArray());
	}

	/**
	 * Dapr's host recognises a kit error by exactly one detail, an {@code ErrorInfo} with
	 * {@code kit_error="true"} and an integer {@code http_code}.
	 */
	private static @Nullable DaprKitError kitError(List<Any> details) {
		if (details.size() != 1 || !details.get(0).is(ErrorInfo.class)) {
			return null;
		}
		try {
			ErrorInfo info = details.get(0).unpack(ErrorInfo.class);
			Map<String, String> metadata = info.getMetadataMap();
			if (!"true".equals(metadata.get("kit_error"))) {
				return null;
			}
			int httpStatus = Integer.parseInt(metadata.getOrDefault("http_code", ""));
			return new DaprKitError(info.getReason(), info.getDomain(), httpStatus, metadata.get("tag"));
		}
		catch (InvalidProtocolBufferException | NumberFormatException ex) {
			return null;
		}
	}

	/**
	 * One line that says what was called and what came back.
	 * @return the text
	 */
	public String summary() {
		return describe() + ": " + this.code + (this.description.isEmpty() ? "" : " (" + this.description + ")");
	}

	/**
	 * The call, without its outcome.
	 * @return the text
	 */
	String describe() {
		return this.operation + " on " + this.kind + " component '" + this.component + "'";
	}

	/**
	 * The exception for this failure by its status code alone.
	 * @return a new exception
	 */
	public PluggableException toException() {
		if (LostConnection.isReason(this.cause.getStatus())) {
			return unavailable();
		}
		return switch (this.code) {
			case DEADLINE_EXCEEDED -> new ComponentTimeoutException(this);
			case UNIMPLEMENTED -> new UnsupportedOperationByComponentException(summary(), this);
			case INVALID_ARGUMENT -> new InvalidRequestException(summary(), this);
			case RESOURCE_EXHAUSTED -> MessageTooLargeException.isTooLarge(this.description)
					? new MessageTooLargeException(this) : new ComponentException(summary(), this);
			default -> new ComponentException(summary(), this);
		};
	}

	private PluggableException unavailable() {
		boolean notSent = this.cause.getCause() instanceof RequestNotSentException;
		return new ComponentUnavailableException(
				summary() + (notSent ? "; the request was not sent" : "; the component may have seen the request"),
				!notSent, this);
	}

}
