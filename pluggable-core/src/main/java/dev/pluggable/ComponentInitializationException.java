package dev.pluggable;

import org.jspecify.annotations.Nullable;

/**
 * A component could not be initialised.
 *
 * @since 0.1.0
 */
public class ComponentInitializationException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param message the component, and the reason
	 * @param cause cause of the failure, {@code null} if it is not known
	 */
	public ComponentInitializationException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
