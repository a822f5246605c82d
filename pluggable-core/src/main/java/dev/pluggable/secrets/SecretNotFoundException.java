package dev.pluggable.secrets;

import dev.pluggable.CallFailure;
import dev.pluggable.PluggableException;

/**
 * There is no secret of that name.
 *
 * @since 0.1.0
 */
public class SecretNotFoundException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * There is no such secret.
	 * @param name its name
	 */
	public SecretNotFoundException(String name) {
		super("There is no secret '" + name + "'", (Throwable) null);
	}

	/**
	 * A component said that there is no such secret.
	 * @param failure the failed call
	 */
	public SecretNotFoundException(CallFailure failure) {
		super(failure.summary(), failure);
	}

}
