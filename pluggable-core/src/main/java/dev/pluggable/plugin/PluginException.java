package dev.pluggable.plugin;

/**
 * A plugin cannot be started, stopped or spoken to. The message names the plugin and says
 * what to change.
 *
 * @since 0.1.0
 */
public class PluginException extends RuntimeException {

	/**
	 * A failure.
	 * @param message what is wrong and what to do
	 */
	public PluginException(String message) {
		super(message);
	}

	/**
	 * A failure with a cause.
	 * @param message what is wrong and what to do
	 * @param cause what was behind it
	 */
	public PluginException(String message, Throwable cause) {
		super(message, cause);
	}

}
