package dev.pluggable.transport;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The limit that operating systems put on the path of a Unix domain socket.
 *
 * @since 0.1.0
 */
public final class SocketPaths {

	/**
	 * Longest path, in bytes, that a Unix domain socket can have ({@code sun_path} holds
	 * 108 on Linux, one of which ends it).
	 */
	public static final int MAX_BYTES = 107;

	private SocketPaths() {
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
