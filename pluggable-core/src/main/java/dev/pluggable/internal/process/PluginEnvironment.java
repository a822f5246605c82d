package dev.pluggable.internal.process;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.pluggable.plugin.EnvironmentSettings;
import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.transport.SocketPaths;
import org.jspecify.annotations.Nullable;

/**
 * Builds the environment of a plugin's process.
 */
final class PluginEnvironment {

	/**
	 * Variable with the path for the socket of a program that opens a socket.
	 */
	static final String SOCKET_PATH = "PLUGGABLE_SOCKET_PATH";

	/**
	 * File name of that socket.
	 */
	static final String SOCKET_NAME = "plugin.sock";

	private static final String TEMPORARY_FILES = "TMPDIR";

	/**
	 * Variables that a process inherits only by name, not by {@code *}. An application
	 * that is a plugin itself has its own values, and the mere presence of a variable can
	 * have a meaning.
	 */
	private static final Set<String> OWN = Stream.concat(SocketPaths.FOLDER_VARIABLES.stream(),
			Stream.of("PLUGIN_MIN_PORT", "PLUGIN_MAX_PORT", "PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_MULTIPLEX_GRPC",
					"PLUGIN_CLIENT_CERT", "PLUGIN_UNIX_SOCKET_DIR", "PLUGIN_UNIX_SOCKET_GROUP", SOCKET_PATH,
					MarkedProcesses.MARKER, TEMPORARY_FILES))
		.collect(Collectors.toUnmodifiableSet());

	private static final String ALL = "*";

	private static final String MIN_PORT = "10000";

	private static final String MAX_PORT = "25000";

	private PluginEnvironment() {
	}

	/**
	 * Build the whole environment of a process.
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
		Set<String> inherited = environment.inherit();
		if (!inherited.contains(ALL)) {
			variables.keySet().retainAll(inherited);
		}
		variables.keySet().removeIf((name) -> OWN.contains(name) && !inherited.contains(name));
		variables.putIfAbsent(TEMPORARY_FILES, directory.toString());
		if (settings.protocol() == PluginProtocol.GO_PLUGIN) {
			variables.putIfAbsent("PLUGIN_MIN_PORT", MIN_PORT);
			variables.putIfAbsent("PLUGIN_MAX_PORT", MAX_PORT);
		}
		variables.putAll(environment.variables());
		// The settings refuse values for the variables below.
		variables.put(MarkedProcesses.MARKER, directory.toString());
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
		variables.put("PLUGIN_PROTOCOL_VERSIONS",
				handshake.protocolVersions().stream().map(String::valueOf).collect(Collectors.joining(",")));
		variables.put("PLUGIN_UNIX_SOCKET_DIR", directory.toString());
		if (clientCertificate != null) {
			variables.put("PLUGIN_CLIENT_CERT", clientCertificate);
		}
	}

	/**
	 * The folder for the socket of a program that opens a socket. The run directory
	 * itself is the folder for temporary files, and some runtimes create their own
	 * sockets there.
	 * @param directory the run directory
	 * @return the folder
	 */
	static Path socketFolder(Path directory) {
		return directory.resolve("s");
	}

}
