package dev.pluggable.internal.process;

import dev.pluggable.plugin.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * A launch failed.
 */
public sealed class LaunchException extends PluginException permits PluginExitedException {

	private static final long serialVersionUID = 1L;

	private final String reason;

	private final boolean lasting;

	/**
	 * Create a failure.
	 * @param subject the plugin as the subject of a sentence
	 * @param text the rest of the sentence
	 * @param lasting whether the failure lasts until somebody changes something
	 * @param cause the cause, {@code null} if there is none
	 */
	LaunchException(String subject, String text, boolean lasting, @Nullable Throwable cause) {
		super(subject + " " + text, cause);
		this.reason = "it " + text;
		this.lasting = lasting;
	}

	/**
	 * The reason without the name of the plugin.
	 * @return a sentence about the plugin, whose subject is "it"
	 */
	public String reason() {
		return this.reason;
	}

	/**
	 * Whether the failure lasts until somebody changes the program or the settings, so
	 * that another attempt soon is useless.
	 * @return {@code true} if so
	 */
	public boolean lasting() {
		return this.lasting;
	}

}
