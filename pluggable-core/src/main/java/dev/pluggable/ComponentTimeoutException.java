package dev.pluggable;

/**
 * The component did not answer in time. It may have carried out the request.
 *
 * @since 0.1.0
 */
public class ComponentTimeoutException extends PluggableException {

	private static final long serialVersionUID = 1L;

	ComponentTimeoutException(CallFailure failure) {
		super(failure.describe() + ": no answer in time (" + failure.description()
				+ "). The time is set by 'pluggable.components." + failure.component()
				+ ".call-timeout', or for all components by 'pluggable.defaults.call-timeout'", failure);
	}

}
