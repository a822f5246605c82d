package dev.pluggable.plugin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.pluggable.internal.support.Names;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * A process that the application launches. Begin with {@link #of} and change what
 * differs.
 *
 * @param name name of the plugin and of its endpoint: begins with a letter or digit and
 * holds letters, digits, {@code '.'}, {@code '_'} and {@code '-'}; not {@code discovery}
 * @param command the program and its arguments; empty for a process that is attached to
 * @param environment environment of the process
 * @param workingDirectory where it runs, {@code null} for its private run directory
 * @param protocol how it says where it can be reached
 * @param handshake what go-plugin's two sides must agree on
 * @param autoMtls whether both sides prove who they are by certificates made for this
 * process
 * @param checksum what the program's file must hash to, such as {@code sha256:} and 64
 * hexadecimal digits; {@code null} not to check
 * @param startTimeout how long the process may take until it is ready
 * @param stopTimeout how long it may take to end before it is killed
 * @param restart what becomes of it when it has ended
 * @param logLevel least level of its lines that are logged
 * @param reattach a process that is there already, {@code null} to launch one
 * @param required whether the application cannot do its work without it
 * @since 0.1.0
 */
public record PluginSettings(String name, List<String> command, EnvironmentSettings environment,
		@Nullable Path workingDirectory, PluginProtocol protocol, HandshakeSettings handshake, boolean autoMtls,
		@Nullable String checksum, Duration startTimeout, Duration stopTimeout, RestartSettings restart, Level logLevel,
		@Nullable ReattachSettings reattach, boolean required) {

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if the settings contradict each other, or the name
	 * is not one that a plugin can have
	 */
	public PluginSettings {
		if (!Names.isFreeName(name)) {
			throw new IllegalArgumentException("'" + name + "' cannot be the name of a plugin: " + Names.RULE
					+ ", and do not use '" + Names.RESERVED + "'");
		}
		command = List.copyOf(command);
		if (command.isEmpty() == (reattach == null)) {
			throw new IllegalArgumentException("either 'command' or 'reattach' must be set, and not both");
		}
		if (reattach != null && (checksum != null || autoMtls)) {
			throw new IllegalArgumentException(
					"'checksum' and 'autoMtls' mean nothing for a process that is attached to");
		}
		if (autoMtls && protocol != PluginProtocol.GO_PLUGIN) {
			throw new IllegalArgumentException("'autoMtls' is a part of the protocol go-plugin");
		}
		if (protocol != PluginProtocol.GO_PLUGIN && !handshake.equals(HandshakeSettings.defaults())) {
			throw new IllegalArgumentException("'handshake' is a part of the protocol go-plugin");
		}
		if (startTimeout.isZero() || startTimeout.isNegative() || stopTimeout.isNegative()) {
			throw new IllegalArgumentException("'startTimeout' must be positive and 'stopTimeout' not negative");
		}
	}

	/**
	 * A go-plugin with 60 s to start, 2 s to stop, and all else by default.
	 * @param name its name
	 * @param command the program and its arguments
	 * @return the settings
	 */
	public static PluginSettings of(String name, List<String> command) {
		return new PluginSettings(name, command, EnvironmentSettings.defaults(), null, PluginProtocol.GO_PLUGIN,
				HandshakeSettings.defaults(), false, null, Duration.ofSeconds(60), Duration.ofSeconds(2),
				RestartSettings.defaults(), Level.TRACE, null, false);
	}

	/**
	 * These settings with another environment.
	 * @param environment the environment
	 * @return new settings
	 */
	public PluginSettings withEnvironment(EnvironmentSettings environment) {
		return new PluginSettings(this.name, this.command, environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required);
	}

	/**
	 * These settings with another protocol.
	 * @param protocol the protocol
	 * @return new settings
	 */
	public PluginSettings withProtocol(PluginProtocol protocol) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, protocol,
				this.handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required);
	}

	/**
	 * These settings with another handshake.
	 * @param handshake the handshake
	 * @return new settings
	 */
	public PluginSettings withHandshake(HandshakeSettings handshake) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required);
	}

	/**
	 * These settings with certificates or without.
	 * @param autoMtls whether both sides prove who they are
	 * @return new settings
	 */
	public PluginSettings withAutoMtls(boolean autoMtls) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required);
	}

	/**
	 * These settings with another checksum.
	 * @param checksum the checksum, {@code null} not to check
	 * @return new settings
	 */
	public PluginSettings withChecksum(@Nullable String checksum) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required);
	}

	/**
	 * These settings with other limits of time.
	 * @param startTimeout how long the process may take until it is ready
	 * @param stopTimeout how long it may take to end before it is killed
	 * @return new settings
	 */
	public PluginSettings withTimeouts(Duration startTimeout, Duration stopTimeout) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, this.checksum, startTimeout, stopTimeout, this.restart, this.logLevel,
				this.reattach, this.required);
	}

	/**
	 * These settings with another restart policy.
	 * @param restart what becomes of the process when it has ended
	 * @return new settings
	 */
	public PluginSettings withRestart(RestartSettings restart) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, restart,
				this.logLevel, this.reattach, this.required);
	}

}
