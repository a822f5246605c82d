package dev.pluggable.internal.process;

import java.nio.file.Path;

import dev.pluggable.plugin.PluginSettings;

/**
 * Messages about launches that failed. A message names the plugin and its program, but no
 * arguments, which may be secret.
 */
final class LaunchFailures {

	static final String SEE_LOG = "see its log";

	private static final int SIGNAL = 128;

	private LaunchFailures() {
	}

	/**
	 * Create a failure that the next attempt may not have.
	 * @param settings settings of the plugin, which is the subject of the text
	 * @param text the problem and what to change
	 */
	static LaunchException of(PluginSettings settings, String text) {
		return new LaunchException(subject(settings), text, false, null);
	}

	/**
	 * Create a failure that lasts until somebody changes the program or the settings.
	 * @param settings settings of the plugin, which is the subject of the text
	 * @param text the problem and what to change
	 */
	static LaunchException lasting(PluginSettings settings, String text) {
		return new LaunchException(subject(settings), text, true, null);
	}

	static LaunchException cannotStart(PluginSettings settings, Throwable cause) {
		return new LaunchException(subject(settings), "cannot be started: " + cause, false, cause);
	}

	static LaunchException closing(PluginSettings settings) {
		return of(settings, "is not started: the application is stopping");
	}

	/**
	 * A process exited too early.
	 * @param before what the process should have done before
	 * @param advice what to change
	 */
	static PluginExitedException exited(PluginSettings settings, int exitCode, String before, String advice) {
		return new PluginExitedException(subject(settings),
				"ended with exit code " + exitCode + " before it " + before + ": " + advice, exitCode);
	}

	/**
	 * Advice for an exit code.
	 */
	static String exitAdvice(PluginSettings settings, Path program, int exitCode) {
		if (exitCode > SIGNAL) {
			return "it was killed by signal " + (exitCode - SIGNAL) + "; " + SEE_LOG;
		}
		return switch (exitCode) {
			case 1 -> {
				String key = settings.handshake().cookieKey();
				yield SEE_LOG + ". A go-plugin also ends like this without its cookie: "
						+ (key.isEmpty() ? "'handshake.cookie-key' and 'handshake.cookie-value' are not set"
								: "compare the plugin's cookie with 'handshake.cookie-key' (" + key
										+ ") and 'handshake.cookie-value'");
			}
			case 126, 127 -> "the system found no such program or could not run it. Check the interpreter in the "
					+ "first line of the program, its libraries, PATH in 'environment', its permissions, and its "
					+ "processor (" + PluginProgram.describe(program) + ")";
			default -> SEE_LOG + ", and check whether it is a go-plugin and gets the variables and arguments that it "
					+ "needs";
		};
	}

	/**
	 * The plugin as the subject of a sentence.
	 */
	static String subject(PluginSettings settings) {
		return "Plugin '" + settings.name() + "'"
				+ (settings.command().isEmpty() ? "" : " ('" + settings.command().get(0) + "')");
	}

}
