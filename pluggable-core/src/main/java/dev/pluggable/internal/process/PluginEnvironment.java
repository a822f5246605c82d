package dev.pluggable.internal.process;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import dev.pluggable.plugin.EnvironmentSettings;
import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a plugin's process.
 */
final class PluginEnvironment {

	/**
	 * Where a program that opens a socket by itself may put it.
	 */
	static final String SOCKET_PATH = "PLUGGABLE_SOCKET_PATH";

	/**
	 * File name of that socket.
	 */
	static final String SOCKET_NAME = "plugin.sock";

	/**
	 * What the protocols say to a plugin. An application that is a plugin itself has been
	 * told some of this, which is nothing for its own plugins; that a variable is there
	 * can mean something whatever its value is.
	 */
	private static final List<String> PROTOCOL = List.of("PLUGIN_MIN_PORT", "PLUGIN_MAX_PORT",
			"PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_MULTIPLEX_GRPC", "PLUGIN_CLIENT_CERT", "PLUGIN_UNIX_SOCKET_DIR",
			SOCKET_PATH, MarkedProcesses.MARKER);

	private static final String ALL = "*";

	private static final String MIN_PORT = "10000";

	private static final String MAX_PORT = "25000";

	private PluginEnvironment() {
	}

	/**
	 * The whole environment of a process.
	 * @param settings settings of the plugin
	 * @param host environment of the application
	 * @param directory run directory of the process
	 * @param clientCertificate certificate of the host (PEM), {@code null} without
	 * AutoMTLS
	 * @return the variables
	 */
	static Map<String, String> of(PluginSettings settings, Map<String, String> host, Path directory,
			@Nullable String clientCertificate) {
		EnvironmentSettings environment = settings.environment();
		Map<String, String> variables = new HashMap<>(host);
		if (!environment.inherit().contains(ALL)) {
			variables.keySet().retainAll(environment.inherit());
		}
		variables.keySet().removeAll(SocketPaths.FOLDER_VARIABLES);
		variables.remove("PLUGIN_UNIX_SOCKET_GROUP");
		variables.putAll(environment.variables());
		variables.keySet().removeAll(PROTOCOL);
		variables.put(MarkedProcesses.MARKER, directory.toString());
		variables.put("TMPDIR", directory.toString());
		if (settings.protocol() == PluginProtocol.GO_PLUGIN) {
			addGoPlugin(variables, settings.handshake(), directory, clientCertificate);
		}
		else {
			String folder = socketFolder(directory).toString();
			SocketPaths.FOLDER_VARIABLES.forEach((name) -> variables.put(name, folder));
			variables.put(SOCKET_PATH, socketFolder(directory).resolve(SOCKET_NAME).toString());
		}
		return variables;
	}

	private static void addGoPlugin(Map<String, String> variables, HandshakeSettings handshake, Path directory,
			@Nullable String clientCertificate) {
		if (!handshake.cookieKey().isEmpty()) {
			variables.put(handshake.cookieKey(), handshake.cookieValue());
		}
		variables.put("PLUGIN_MIN_PORT", MIN_PORT);
		variables.put("PLUGIN_MAX_PORT", MAX_PORT);
		variables.put("PLUGIN_PROTOCOL_VERSIONS",
				handshake.protocolVersions().stream().map(String::valueOf).collect(Collectors.joining(",")));
		variables.put("PLUGIN_UNIX_SOCKET_DIR", directory.toString());
		if (clientCertificate != null) {
			variables.put("PLUGIN_CLIENT_CERT", clientCertificate);
		}
	}

	/**
	 * The folder for sockets that a program opens by itself. It is not the run directory,
	 * which is the folder for temporary files as well: some runtimes put sockets of their
	 * own there.
	 * @param directory the run directory
	 * @return the folder
	 */
	static Path socketFolder(Path directory) {
		return directory.resolve("s");
	}

}
