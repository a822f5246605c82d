package dev.pluggable.internal.discovery;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.discovery.SkippedEntry;
import dev.pluggable.discovery.SocketFile;

/**
 * Remembers the names of sockets in folders that other users can change. Such a user can
 * give the socket of one component the name of another one. A socket therefore keeps the
 * name under which the host has seen it first, and a socket with two names has none. Not
 * safe for use by several threads.
 */
final class SocketNames {

	/**
	 * Most sockets that are remembered.
	 */
	private static final int MAX_REMEMBERED = 40_000;

	/**
	 * The first name of each socket, by identity. What was not seen for the longest time
	 * is forgotten first.
	 */
	private final Map<String, String> names = new LinkedHashMap<>(16, 0.75f, true) {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
			return size() > MAX_REMEMBERED;
		}

	};

	/**
	 * Keep the sockets that have their own names.
	 * @param sockets all sockets of a folder
	 * @param skipped gets the others, with the reason
	 * @return the sockets that may be used
	 */
	List<SocketFile> check(List<SocketFile> sockets, List<SkippedEntry> skipped) {
		Map<String, Path> seen = new HashMap<>();
		Set<String> doubles = new HashSet<>();
		for (SocketFile socket : sockets) {
			if (seen.put(socket.identity(), socket.path()) != null) {
				doubles.add(socket.identity());
			}
		}
		List<SocketFile> kept = new ArrayList<>();
		for (SocketFile socket : sockets) {
			String first = this.names.get(socket.identity());
			if (first != null && !first.equals(socket.name())) {
				skip(socket, "the socket had the name '" + first + "' before. In a folder that other users can change, "
						+ "a socket keeps its name: let its process make the socket again", skipped);
			}
			else if (first == null && doubles.contains(socket.identity())) {
				skip(socket, "the socket has several names, and other users can change the folder", skipped);
			}
			else {
				this.names.put(socket.identity(), socket.name());
				kept.add(socket);
			}
		}
		return kept;
	}

	private static void skip(SocketFile socket, String reason, List<SkippedEntry> skipped) {
		skipped.add(0, new SkippedEntry(socket.path().getFileName().toString(), reason));
	}

}
