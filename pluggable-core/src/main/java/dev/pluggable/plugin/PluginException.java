package dev.pluggable.plugin;

/**
 * A failure to start, stop or reach a plugin. The message tells the problem and what to
 * change.
 *
 * @since 0.1.0
 */
public class PluginException extends RuntimeException {

	/**
	 * Create a failure.
	 * @param message the problem and what to change
	 */
	public PluginException(String message) {
		super(message);
	}

	/**
	 * Create a failure with a cause.
	 * @param message the problem and what to change
	 * @param cause the cause
	 */
	public PluginException(String message, Throwable cause) {
		super(message, cause);
	}

}
