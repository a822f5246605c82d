package dev.pluggable.internal.process;

/**
 * A process exited before it told its address.
 */
public final class PluginExitedException extends LaunchException {

	private static final long serialVersionUID = 1L;

	private final int exitCode;

	PluginExitedException(String subject, String text, int exitCode) {
		super(subject, text, false, null);
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
