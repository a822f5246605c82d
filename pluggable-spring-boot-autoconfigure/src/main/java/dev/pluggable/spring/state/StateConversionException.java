package dev.pluggable.spring.state;

import dev.pluggable.PluggableException;

/**
 * A value cannot be turned into JSON or back. Says so without anything of the value,
 * which is why it has no cause: Jackson's messages quote what it cannot read.
 *
 * @since 0.1.0
 */
public class StateConversionException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * A value cannot be converted.
	 * @param message what is wrong, without anything of the value
	 */
	public StateConversionException(String message) {
		super(message, (Throwable) null);
	}

}
