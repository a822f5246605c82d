package dev.pluggable.plugin;

import dev.pluggable.PluggableException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the application cannot start, stop or reach a plugin, or cannot use a
 * brokered connection. The message tells the problem and what to change. The facts about
 * a gRPC call are empty.
 *
 * @since 0.1.0
 */
public class PluginException extends PluggableException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create a failure.
	 * @param message the problem and what to change
	 */
	public PluginException(String message) {
		super(message, (Throwable) null);
	}

	/**
	 * Create a failure with a cause.
	 * @param message the problem and what to change
	 * @param cause the cause, {@code null} if there is none
	 */
	public PluginException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
