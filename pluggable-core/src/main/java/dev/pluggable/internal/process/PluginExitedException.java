package dev.pluggable.internal.process;

import dev.pluggable.plugin.PluginException;

/**
 * A process has ended before it could be reached.
 */
public final class PluginExitedException extends PluginException {

	private final int exitCode;

	PluginExitedException(String message, int exitCode) {
		super(message);
		this.exitCode = exitCode;
	}

	/**
	 * How it ended.
	 * @return the exit code, {@code 128} plus the signal if it was killed
	 */
	public int exitCode() {
		return this.exitCode;
	}

}
