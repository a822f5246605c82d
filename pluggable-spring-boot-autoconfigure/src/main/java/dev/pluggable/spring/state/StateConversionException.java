package dev.pluggable.spring.state;

import dev.pluggable.PluggableException;

/**
 * Thrown if an object cannot be converted to JSON or back. The exception repeats nothing
 * of the value. The exception has no cause, because Jackson's messages quote the value.
 *
 * @since 0.1.0
 */
public class StateConversionException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param message the problem, without any part of the value
	 */
	public StateConversionException(String message) {
		super(message, (Throwable) null);
	}

}
