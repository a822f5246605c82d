package dev.pluggable;

import java.util.List;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * The parent of all exceptions about components. Its children name the failure; this
 * class holds the facts about the call. Messages contain neither settings of the
 * component nor payload.
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
	 * Create an exception for a failure outside a gRPC call.
	 * @param message description of the failure
	 * @param cause cause of the failure, {@code null} if it is not known
	 */
	protected PluggableException(String message, @Nullable Throwable cause) {
		super(message, cause);
		this.failure = null;
		this.component = null;
		this.kind = null;
		this.operation = null;
	}

	/**
	 * Create an exception for a call that was not sent.
	 * @param component name of the component
	 * @param kind name of the component's kind
	 * @param operation name of the operation, {@code null} if there was no call
	 * @param reason reason why the call was not sent
	 */
	protected PluggableException(String component, String kind, @Nullable String operation, String reason) {
		super(((operation != null) ? operation + " on " : "") + kind + " component '" + component + "': " + reason);
		this.failure = null;
		this.component = component;
		this.kind = kind;
		this.operation = operation;
	}

	/**
	 * Create an exception for a failed call.
	 * @param message description of the failure
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
	 * The failed call with everything that the component sent.
	 * @return the call, {@code null} if there was no gRPC call or after deserialisation
	 */
	public final @Nullable CallFailure getFailure() {
		return this.failure;
	}

	/**
	 * The name of the component.
	 * @return the name, {@code null} if it is not known
	 */
	public final @Nullable String getComponent() {
		return this.component;
	}

	/**
	 * The name of the component's kind.
	 * @return the name, {@code null} if it is not known
	 */
	public final @Nullable String getKind() {
		return this.kind;
	}

	/**
	 * The name of the gRPC method that failed, without its service.
	 * @return the name, {@code null} if it is not known
	 */
	public final @Nullable String getOperation() {
		return this.operation;
	}

	/**
	 * The code of the gRPC status.
	 * @return the code, {@code null} if there was no gRPC call
	 */
	public final Status.@Nullable Code getStatusCode() {
		return (this.failure != null) ? this.failure.code() : null;
	}

	/**
	 * The details of the gRPC status, as the component sent them.
	 * @return the details, empty if there are none
	 */
	public final List<ErrorDetail> getDetails() {
		return (this.failure != null) ? this.failure.details() : List.of();
	}

	/**
	 * The error in the form of Dapr's error kit.
	 * @return the error, {@code null} if the component sent none
	 */
	public final @Nullable DaprKitError getKitError() {
		return (this.failure != null) ? this.failure.kitError() : null;
	}

}
