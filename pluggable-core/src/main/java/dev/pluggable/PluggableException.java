package dev.pluggable;

import java.util.List;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Something went wrong with a component. The children say what; this class keeps what is
 * known of the call. Messages contain neither metadata of the component nor payload.
 *
 * @since 0.1.0
 */
public abstract class PluggableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient @Nullable CallFailure failure;

	private final @Nullable String component;

	private final @Nullable String kind;

	private final @Nullable String operation;

	/**
	 * A failure that did not come from a call over gRPC.
	 * @param message what happened
	 * @param cause why, if known
	 */
	protected PluggableException(String message, @Nullable Throwable cause) {
		super(message, cause);
		this.failure = null;
		this.component = null;
		this.kind = null;
		this.operation = null;
	}

	/**
	 * A call that was not made.
	 * @param component name of the component
	 * @param kind name of its kind
	 * @param operation what was to be done, {@code null} if not a call
	 * @param reason why it was not done
	 */
	protected PluggableException(String component, String kind, @Nullable String operation, String reason) {
		super(((operation != null) ? operation + " on " : "") + kind + " component '" + component + "': " + reason);
		this.failure = null;
		this.component = component;
		this.kind = kind;
		this.operation = operation;
	}

	/**
	 * A failed call.
	 * @param message what happened
	 * @param failure the call
	 */
	protected PluggableException(String message, CallFailure failure) {
		super(message, failure.cause());
		this.failure = failure;
		this.component = failure.component();
		this.kind = failure.kind();
		this.operation = failure.operation();
	}

	/**
	 * The failed call with all that the component sent.
	 * @return the call, {@code null} if the failure did not come from a call over gRPC,
	 * or after deserialisation
	 */
	public final @Nullable CallFailure getFailure() {
		return this.failure;
	}

	/**
	 * Name of the component.
	 * @return the name, {@code null} if it is not known
	 */
	public final @Nullable String getComponent() {
		return this.component;
	}

	/**
	 * Name of the component's kind.
	 * @return the name, {@code null} if it is not known
	 */
	public final @Nullable String getKind() {
		return this.kind;
	}

	/**
	 * The gRPC method that failed, without its service.
	 * @return the name, {@code null} if it is not known
	 */
	public final @Nullable String getOperation() {
		return this.operation;
	}

	/**
	 * The gRPC status code.
	 * @return the code, {@code null} if the failure did not come from a call over gRPC
	 */
	public final Status.@Nullable Code getStatusCode() {
		return (this.failure != null) ? this.failure.code() : null;
	}

	/**
	 * The details of the gRPC status, as sent.
	 * @return the details, empty if there are none
	 */
	public final List<ErrorDetail> getDetails() {
		return (this.failure != null) ? this.failure.details() : List.of();
	}

	/**
	 * What Dapr's error kit adds to a status.
	 * @return the kit error, {@code null} if the component sent none
	 */
	public final @Nullable DaprKitError getKitError() {
		return (this.failure != null) ? this.failure.kitError() : null;
	}

}
