package dev.pluggable;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.pluggable.internal.support.FailureCause;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.LostConnection;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.jspecify.annotations.Nullable;

/**
 * A failed call to a component: the component, and the status with the details that the
 * component sent. Immutable.
 *
 * @param component name of the component
 * @param kind name of the component's kind
 * @param operation name of the gRPC method, without its service
 * @param code code of the status
 * @param description description of the status in one line, without secrets; empty if
 * there is none
 * @param details details of the status, in the order of the component
 * @param kitError the details in the form of Dapr's error kit, {@code null} if they have
 * another form
 * @param cause the exception of the call
 * @since 0.1.0
 */
public record CallFailure(String component, String kind, String operation, Status.Code code, String description,
		List<ErrorDetail> details, @Nullable DaprKitError kitError, StatusRuntimeException cause) {

	private static final int MAX_TEXT = 500;

	/**
	 * Create a failure.
	 */
	public CallFailure {
		details = List.copyOf(details);
	}

	/**
	 * Describe a failed call.
	 * @param client access to the component, which also removes secrets from texts
	 * @param operation name of the gRPC method, without its service
	 * @param cause the exception of the call
	 * @return the failure
	 */
	public static CallFailure of(ComponentClient client, String operation, StatusRuntimeException cause) {
		Status status = cause.getStatus();
		com.google.rpc.Status proto = StatusProto.fromThrowable(cause);
		List<Any> details = (proto != null) ? proto.getDetailsList() : List.of();
		String said = Objects.requireNonNullElse(status.getDescription(), "");
		String description = LogText.oneLine(client.withoutSecrets(FailureCause.describe(status)));
		StatusRuntimeException shown = said.equals(LogText.oneLine(client.withoutSecrets(said))) ? cause
				: cleaned(cause, description);
		return new CallFailure(client.component(), client.kind(), operation, status.getCode(), description,
				details.stream().map(CallFailure::detail).toList(), kitError(details, client), shown);
	}

	/**
	 * A log shows an exception with its causes, so their messages must not contain
	 * secrets either.
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
		return new ErrorDetail(LogText.visible(url.substring(url.lastIndexOf('/') + 1), MAX_TEXT),
				any.getValue().toByteArray());
	}

	/**
	 * Recognise an error of Dapr's error kit like Dapr's host does: by exactly one
	 * detail, an {@code ErrorInfo} with {@code kit_error="true"} and an integer
	 * {@code http_code}.
	 */
	private static @Nullable DaprKitError kitError(List<Any> details, ComponentClient client) {
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
			String tag = metadata.get("tag");
			return new DaprKitError(shown(client, info.getReason()), shown(client, info.getDomain()), httpStatus,
					(tag != null) ? shown(client, tag) : null);
		}
		catch (InvalidProtocolBufferException | NumberFormatException ex) {
			return null;
		}
	}

	private static String shown(ComponentClient client, String text) {
		return LogText.oneLine(client.withoutSecrets(text), MAX_TEXT);
	}

	/**
	 * The call and its status in one line.
	 * @return the text
	 */
	public String summary() {
		return describe() + ": " + this.code + (this.description.isEmpty() ? "" : " (" + this.description + ")");
	}

	/**
	 * The call without its status.
	 */
	String describe() {
		return this.operation + " on " + this.kind + " component '" + this.component + "'";
	}

	/**
	 * Create the exception that belongs to the code of the status.
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
