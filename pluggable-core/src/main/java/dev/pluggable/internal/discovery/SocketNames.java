package dev.pluggable.internal.discovery;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import dev.pluggable.discovery.SkippedEntry;
import dev.pluggable.discovery.SocketFile;
import dev.pluggable.internal.endpoint.SocketIdentity;

/**
 * Remembers the names of sockets in folders to which other users can write. Such a user
 * can give the socket of one component the name of another one. A socket therefore keeps
 * the name under which the host has seen it first, and a socket with two names has none.
 * In a sticky folder, only the owner of a socket can rename the socket, but some systems
 * let everybody give it a further name. Not safe for use by several threads.
 */
final class SocketNames {

	/**
	 * Most sockets that are remembered.
	 */
	private static final int MAX_REMEMBERED = 40_000;

	/**
	 * The file in which each socket was seen first, by identity. What was not seen for
	 * the longest time is forgotten first.
	 */
	private final Map<String, SocketFile> first = new LinkedHashMap<>(16, 0.75f, true) {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, SocketFile> eldest) {
			return size() > MAX_REMEMBERED;
		}

	};

	/**
	 * Keep the sockets that have their own names.
	 * @param sockets all sockets of a folder
	 * @param mayRename selects the sockets that nobody else than a trusted user can
	 * rename
	 * @param skipped gets the others, with the reason
	 * @return the sockets that may be used
	 */
	List<SocketFile> check(List<SocketFile> sockets, Predicate<SocketFile> mayRename, List<SkippedEntry> skipped) {
		Map<String, Path> seen = new HashMap<>();
		Set<String> doubles = new HashSet<>();
		for (SocketFile socket : sockets) {
			if (seen.put(socket.identity(), socket.path()) != null) {
				doubles.add(socket.identity());
			}
		}
		List<SocketFile> kept = new ArrayList<>();
		for (SocketFile socket : sockets) {
			SocketFile first = this.first.get(socket.identity());
			if (first != null && !first.name().equals(socket.name()) && isRenamed(first) && mayRename.test(socket)) {
				first = null;
			}
			if (first != null && !first.name().equals(socket.name())) {
				skip(socket,
						"the socket had the name '" + first.name()
								+ "' before. In a folder to which other users can write, "
								+ "a socket keeps its name: let its process make the socket again",
						skipped);
			}
			else if (first == null && doubles.contains(socket.identity())) {
				skip(socket, "the socket has several names, and other users can write to the folder", skipped);
			}
			else {
				this.first.put(socket.identity(), (first != null) ? first : socket);
				kept.add(socket);
			}
		}
		return kept;
	}

	private static boolean isRenamed(SocketFile socket) {
		return !socket.identity().equals(SocketIdentity.of(socket.path()));
	}

	private static void skip(SocketFile socket, String reason, List<SkippedEntry> skipped) {
		skipped.add(0, new SkippedEntry(socket.path().getFileName().toString(), reason));
	}

}
