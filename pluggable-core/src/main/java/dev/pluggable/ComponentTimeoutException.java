package dev.pluggable;

/**
 * A component did not answer within the deadline of the call. It may have carried out the
 * request.
 *
 * @since 0.1.0
 */
public class ComponentTimeoutException extends PluggableException {

	private static final long serialVersionUID = 1L;

	ComponentTimeoutException(CallFailure failure) {
		super(failure.describe() + ": no answer in time (" + failure.description()
				+ "). The property 'pluggable.components." + failure.component()
				+ ".call-timeout' sets the time, 'pluggable.defaults.call-timeout' sets it for all components",
				failure);
	}

}
