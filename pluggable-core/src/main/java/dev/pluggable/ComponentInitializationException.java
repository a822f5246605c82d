package dev.pluggable;

import org.jspecify.annotations.Nullable;

/**
 * A component could not be made ready for use.
 *
 * @since 0.1.0
 */
public class ComponentInitializationException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * The component cannot be initialised.
	 * @param message which component, and why not
	 * @param cause the failure behind it, if known
	 */
	public ComponentInitializationException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
