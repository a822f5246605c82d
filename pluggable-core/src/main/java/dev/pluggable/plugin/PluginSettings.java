package dev.pluggable.plugin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.pluggable.internal.support.Names;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Settings of a plugin: a process that the application launches. Start with {@link #of}
 * and the {@code with} methods. Immutable.
 *
 * @param name name of the plugin and of its endpoint: begins with a letter or digit and
 * holds letters, digits, {@code '.'}, {@code '_'} and {@code '-'}; not {@code discovery}
 * @param command the program and its arguments; empty with {@code reattach}
 * @param environment environment of the process
 * @param workingDirectory working directory of the process, {@code null} for its private
 * run directory
 * @param protocol the way in which the process tells its address
 * @param handshake parameters of the go-plugin handshake
 * @param autoMtls whether both sides authenticate by certificates that are created for
 * each process
 * @param checksum expected checksum of the program, such as {@code sha256:} and 64
 * hexadecimal digits; {@code null} for no check
 * @param startTimeout longest time from the launch until the process is ready; positive
 * @param stopTimeout grace period between the request to end and a kill; not negative
 * @param restart the restart policy
 * @param logLevel lowest level of the plugin's log lines that the application logs
 * @param reattach a running process to attach to, {@code null} to launch a process
 * @param required whether the application cannot work without the plugin
 * @param tls TLS of a plugin that has its own certificate, {@code null} for plain text or
 * AutoMTLS
 * @param maxInboundMessageSize the size of the largest message that the host receives on
 * the connections that it serves to the plugin, such as a request to a host service, or
 * an answer that the host forwards to the plugin; in bytes, positive
 * @since 0.1.0
 */
public record PluginSettings(String name, List<String> command, EnvironmentSettings environment,
		@Nullable Path workingDirectory, PluginProtocol protocol, HandshakeSettings handshake, boolean autoMtls,
		@Nullable String checksum, Duration startTimeout, Duration stopTimeout, RestartSettings restart, Level logLevel,
		@Nullable ReattachSettings reattach, boolean required, @Nullable TlsSettings tls, int maxInboundMessageSize) {

	/**
	 * Variables that the application sets for each process of a go-plugin.
	 */
	private static final Set<String> GO_PLUGIN_VARIABLES = Set.of("PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_MULTIPLEX_GRPC",
			"PLUGIN_CLIENT_CERT", "PLUGIN_UNIX_SOCKET_DIR");

	/**
	 * Variables that the application sets for each program that opens a socket.
	 */
	private static final Set<String> SOCKET_VARIABLES = Stream
		.concat(SocketPaths.FOLDER_VARIABLES.stream(), Stream.of("PLUGGABLE_SOCKET_PATH"))
		.collect(Collectors.toUnmodifiableSet());

	/**
	 * The default of {@link #maxInboundMessageSize}: 64 MiB. It is larger than gRPC's
	 * default, so that a proxied connection does not limit the messages of other plugins.
	 */
	public static final int DEFAULT_MAX_INBOUND_MESSAGE_SIZE = 64 * 1024 * 1024;

	private static final String MARKER = "PLUGGABLE_PLUGIN_DIRECTORY";

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if the settings contradict each other, if the name
	 * is not one that a plugin can have, or if the environment has a variable that the
	 * application sets itself
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
			throw new IllegalArgumentException("'checksum' and 'autoMtls' do not apply to 'reattach'");
		}
		if (autoMtls && protocol != PluginProtocol.GO_PLUGIN) {
			throw new IllegalArgumentException("'autoMtls' requires the protocol go-plugin");
		}
		if (protocol != PluginProtocol.GO_PLUGIN && !handshake.equals(HandshakeSettings.defaults())) {
			throw new IllegalArgumentException("'handshake' requires the protocol go-plugin");
		}
		if (autoMtls && tls != null) {
			throw new IllegalArgumentException("'autoMtls' and 'tls' exclude each other");
		}
		checkEnvironment(environment, protocol, handshake);
		if (maxInboundMessageSize <= 0) {
			throw new IllegalArgumentException("'maxInboundMessageSize' must be positive");
		}
		if (startTimeout.isZero() || startTimeout.isNegative() || stopTimeout.isNegative()) {
			throw new IllegalArgumentException("'startTimeout' must be positive and 'stopTimeout' not negative");
		}
	}

	/**
	 * Settings of a go-plugin with 60 seconds to start, 2 seconds to stop, and the
	 * defaults of {@link EnvironmentSettings}, {@link HandshakeSettings} and
	 * {@link RestartSettings}. The plugin is not required, has no checksum and no
	 * AutoMTLS, and the application logs all its lines.
	 * @param name name of the plugin
	 * @param command the program and its arguments
	 * @return the settings
	 */
	public static PluginSettings of(String name, List<String> command) {
		return new PluginSettings(name, command, EnvironmentSettings.defaults(), null, PluginProtocol.GO_PLUGIN,
				HandshakeSettings.defaults(), false, null, Duration.ofSeconds(60), Duration.ofSeconds(2),
				RestartSettings.defaults(), Level.TRACE, null, false, null, DEFAULT_MAX_INBOUND_MESSAGE_SIZE);
	}

	private static void checkEnvironment(EnvironmentSettings environment, PluginProtocol protocol,
			HandshakeSettings handshake) {
		Set<String> names = new TreeSet<>(environment.inherit());
		names.addAll(environment.variables().keySet());
		for (String name : names) {
			boolean reserved = name.equals(MARKER)
					|| (!handshake.cookieKey().isEmpty() && name.equals(handshake.cookieKey()))
					|| ((protocol == PluginProtocol.GO_PLUGIN) ? GO_PLUGIN_VARIABLES : SOCKET_VARIABLES).contains(name);
			if (reserved) {
				throw new IllegalArgumentException("the environment must not contain the variable '" + name
						+ "', because the application sets this variable for each process of the plugin");
			}
		}
	}

	/**
	 * These settings with another environment.
	 * @param environment the environment
	 * @return new settings
	 */
	public PluginSettings withEnvironment(EnvironmentSettings environment) {
		return new PluginSettings(this.name, this.command, environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required, this.tls, this.maxInboundMessageSize);
	}

	/**
	 * These settings with another limit of messages.
	 * @param maxInboundMessageSize the size of the largest message that the host receives
	 * on the connections that it serves to the plugin, in bytes
	 * @return new settings
	 */
	public PluginSettings withMaxInboundMessageSize(int maxInboundMessageSize) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required, this.tls, maxInboundMessageSize);
	}

	/**
	 * These settings with another protocol.
	 * @param protocol the protocol
	 * @return new settings
	 */
	public PluginSettings withProtocol(PluginProtocol protocol) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, protocol,
				this.handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required, this.tls, this.maxInboundMessageSize);
	}

	/**
	 * These settings with another handshake.
	 * @param handshake the handshake
	 * @return new settings
	 */
	public PluginSettings withHandshake(HandshakeSettings handshake) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required, this.tls, this.maxInboundMessageSize);
	}

	/**
	 * These settings with or without AutoMTLS.
	 * @param autoMtls whether both sides authenticate by certificates
	 * @return new settings
	 */
	public PluginSettings withAutoMtls(boolean autoMtls) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required, this.tls, this.maxInboundMessageSize);
	}

	/**
	 * These settings with another checksum.
	 * @param checksum the checksum, {@code null} for no check
	 * @return new settings
	 */
	public PluginSettings withChecksum(@Nullable String checksum) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required, this.tls, this.maxInboundMessageSize);
	}

	/**
	 * These settings with other timeouts.
	 * @param startTimeout longest time from the launch until the process is ready;
	 * positive
	 * @param stopTimeout grace period between the request to end and a kill; not negative
	 * @return new settings
	 */
	public PluginSettings withTimeouts(Duration startTimeout, Duration stopTimeout) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, this.checksum, startTimeout, stopTimeout, this.restart, this.logLevel,
				this.reattach, this.required, this.tls, this.maxInboundMessageSize);
	}

	/**
	 * These settings with another restart policy.
	 * @param restart the restart policy
	 * @return new settings
	 */
	public PluginSettings withRestart(RestartSettings restart) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, restart,
				this.logLevel, this.reattach, this.required, this.tls, this.maxInboundMessageSize);
	}

	/**
	 * These settings with or without TLS.
	 * @param tls the TLS settings, {@code null} for plain text
	 * @return new settings
	 */
	public PluginSettings withTls(@Nullable TlsSettings tls) {
		return new PluginSettings(this.name, this.command, this.environment, this.workingDirectory, this.protocol,
				this.handshake, this.autoMtls, this.checksum, this.startTimeout, this.stopTimeout, this.restart,
				this.logLevel, this.reattach, this.required, tls, this.maxInboundMessageSize);
	}

}
