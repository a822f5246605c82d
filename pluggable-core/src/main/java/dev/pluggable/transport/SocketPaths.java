package dev.pluggable.transport;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Where sockets are, and the limit that operating systems put on their paths.
 *
 * @since 0.1.0
 */
public final class SocketPaths {

	/**
	 * Longest path, in bytes, that a Unix domain socket can have ({@code sun_path} holds
	 * 108 on Linux, one of which ends it).
	 */
	public static final int MAX_BYTES = 107;

	/**
	 * Environment variables that name the folder of the sockets, in order of precedence:
	 * those that Dapr's host, its component SDKs and its injector know, and Layotto's.
	 */
	public static final List<String> FOLDER_VARIABLES = List.of("DAPR_COMPONENTS_SOCKETS_FOLDER",
			"DAPR_COMPONENT_SOCKETS_FOLDER", "DAPR_COMPONENT_SOCKET_FOLDER", "LAYOTTO_COMPONENTS_SOCKETS_FOLDER");

	private static final String DEFAULT_FOLDER = "/tmp/dapr-components-sockets";

	private SocketPaths() {
	}

	/**
	 * The folder in which a component puts its socket: the first of
	 * {@link #FOLDER_VARIABLES} that is set and not empty, else
	 * {@code /tmp/dapr-components-sockets}.
	 * @param environment gives the value of a variable, {@code null} if it is not set
	 * @return the folder
	 * @see #defaultFolders(Function)
	 */
	public static Path defaultFolder(Function<String, @Nullable String> environment) {
		return defaultFolders(environment).iterator().next();
	}

	/**
	 * The folders in which an application looks for components: those of all
	 * {@link #FOLDER_VARIABLES} that are set and not empty, since an application may have
	 * components of more than one host, else {@code /tmp/dapr-components-sockets}. The
	 * folder that Layotto has without its variable is not among them: an application that
	 * is not told of Layotto has nothing to look for there.
	 * @param environment gives the value of a variable, {@code null} if it is not set
	 * @return the folders without repetition, in the order of the variables; at least one
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
	 * Length of a path as the kernel sees it.
	 * @param path a path
	 * @return its length in bytes
	 */
	public static int length(Path path) {
		return path.toString().getBytes(StandardCharsets.UTF_8).length;
	}

	/**
	 * Whether a path is short enough for a socket.
	 * @param path a path
	 * @return {@code false} if no socket can be reached by it
	 */
	public static boolean fits(Path path) {
		return length(path) <= MAX_BYTES;
	}

}
