package dev.pluggable.transport;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Paths of sockets: the folders that hosts and components share by convention, and the
 * length that operating systems allow. All methods are pure functions. Safe for use by
 * many threads.
 *
 * @since 0.1.0
 */
public final class SocketPaths {

	/**
	 * Longest path of a Unix domain socket, in bytes: {@code sun_path} on Linux has 108
	 * bytes, and one byte ends the path.
	 */
	public static final int MAX_BYTES = 107;

	/**
	 * Environment variables that name the folder of the sockets, in order of precedence:
	 * the variables of Dapr's host, of its component SDKs and of its injector, and
	 * Layotto's. Immutable.
	 */
	public static final List<String> FOLDER_VARIABLES = List.of("DAPR_COMPONENTS_SOCKETS_FOLDER",
			"DAPR_COMPONENT_SOCKETS_FOLDER", "DAPR_COMPONENT_SOCKET_FOLDER", "LAYOTTO_COMPONENTS_SOCKETS_FOLDER");

	private static final String DEFAULT_FOLDER = "/tmp/dapr-components-sockets";

	private SocketPaths() {
	}

	/**
	 * The folder in which a component creates its socket: the value of the first of
	 * {@link #FOLDER_VARIABLES} that is set and not empty, else
	 * {@code /tmp/dapr-components-sockets}.
	 * @param environment returns the value of a variable, {@code null} if it is not set
	 * @return the folder, which need not exist
	 * @throws java.nio.file.InvalidPathException if the value is not a path
	 * @see #defaultFolders(Function)
	 */
	public static Path defaultFolder(Function<String, @Nullable String> environment) {
		return defaultFolders(environment).iterator().next();
	}

	/**
	 * The folders in which an application looks for components: the values of all
	 * {@link #FOLDER_VARIABLES} that are set and not empty, since an application may use
	 * the components of several hosts, else {@code /tmp/dapr-components-sockets}.
	 * Layotto's default folder is not included: an application looks there only if
	 * Layotto's variable is set.
	 * @param environment returns the value of a variable, {@code null} if it is not set
	 * @return a new set of folders, in the order of the variables; at least one
	 * @throws java.nio.file.InvalidPathException if a value is not a path
	 */
	public static Set<Path> defaultFolders(Function<String, @Nullable String> environment) {
		Set<Path> folders = new LinkedHashSet<>();
		for (String variable : FOLDER_VARIABLES) {
			String folder = environment.apply(variable);
			if (folder != null && !folder.isEmpty()) {
				folders.add(Path.of(folder));
			}
		}
		if (folders.isEmpty()) {
			folders.add(Path.of(DEFAULT_FOLDER));
		}
		return folders;
	}

	/**
	 * Length of a path in the encoding of the kernel.
	 * @param path the path
	 * @return the length in bytes of UTF-8
	 */
	public static int length(Path path) {
		return path.toString().getBytes(StandardCharsets.UTF_8).length;
	}

	/**
	 * Whether a path is short enough for a socket.
	 * @param path the path
	 * @return {@code true} if it has at most {@value #MAX_BYTES} bytes
	 */
	public static boolean fits(Path path) {
		return length(path) <= MAX_BYTES;
	}

}
