package dev.pluggable.secrets;

import dev.pluggable.CallFailure;
import dev.pluggable.PluggableException;

/**
 * A secret does not exist.
 *
 * @since 0.1.0
 */
public class SecretNotFoundException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param name name of the secret
	 */
	public SecretNotFoundException(String name) {
		super("There is no secret '" + name + "'", (Throwable) null);
	}

	/**
	 * Create an exception for a failed call to a component.
	 * @param failure the call
	 */
	public SecretNotFoundException(CallFailure failure) {
		super(failure.summary(), failure);
	}

}
