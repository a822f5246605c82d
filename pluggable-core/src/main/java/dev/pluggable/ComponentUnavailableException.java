package dev.pluggable;

import org.jspecify.annotations.Nullable;

/**
 * A component is not ready for a call, or its connection was lost before it answered.
 *
 * @since 0.1.0
 */
public class ComponentUnavailableException extends PluggableException {

	private static final long serialVersionUID = 1L;

	private final boolean mayHaveBeenApplied;

	/**
	 * Create an exception for a call that was not sent, because the component is not
	 * ready.
	 * @param component name of the component
	 * @param kind name of the component's kind
	 * @param operation name of the operation, {@code null} if there was no call
	 * @param reason reason why the component is not ready
	 */
	public ComponentUnavailableException(String component, String kind, @Nullable String operation, String reason) {
		super(component, kind, operation, "not available: " + reason);
		this.mayHaveBeenApplied = false;
	}

	ComponentUnavailableException(String message, boolean mayHaveBeenApplied, CallFailure failure) {
		super(message, failure);
		this.mayHaveBeenApplied = mayHaveBeenApplied;
	}

	/**
	 * Whether the component may have received and carried out the request.
	 * @return {@code false} if the request certainly was not sent
	 */
	public boolean mayHaveBeenApplied() {
		return this.mayHaveBeenApplied;
	}

}
