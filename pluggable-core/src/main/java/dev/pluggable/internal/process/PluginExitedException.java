package dev.pluggable.internal.process;

import dev.pluggable.plugin.PluginException;

/**
 * A process exited before it told its address.
 */
public final class PluginExitedException extends PluginException {

	private final int exitCode;

	PluginExitedException(String message, int exitCode) {
		super(message);
		this.exitCode = exitCode;
	}

	/**
	 * Exit code of the process.
	 * @return the exit code: 128 plus the number of the signal if a signal killed the
	 * process
	 */
	public int exitCode() {
		return this.exitCode;
	}

}
