package dev.pluggable;

import org.jspecify.annotations.Nullable;

/**
 * Nobody is there to take the call, or the connection was lost before the answer came.
 *
 * @since 0.1.0
 */
public class ComponentUnavailableException extends PluggableException {

	private static final long serialVersionUID = 1L;

	private final boolean mayHaveBeenApplied;

	/**
	 * The component is not ready, so nothing was sent.
	 * @param component name of the component
	 * @param kind name of its kind
	 * @param operation what was to be done, {@code null} if not a call
	 * @param reason why the component is not ready
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
	 * Whether the component can have received and carried out the request.
	 * @return {@code false} if it is certain that the request was not sent
	 */
	public boolean mayHaveBeenApplied() {
		return this.mayHaveBeenApplied;
	}

}
