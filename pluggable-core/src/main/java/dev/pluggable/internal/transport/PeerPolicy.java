package dev.pluggable.internal.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import com.sun.security.auth.module.UnixSystem;
import dev.pluggable.transport.PeerCredentials;

/**
 * The users whose processes may be at the other end of a socket.
 *
 * @param uids numeric user ids
 */
public record PeerPolicy(Set<Long> uids) {

	/**
	 * The source of the user id on Linux. The JDK is no good source: Java 17 returns 0
	 * for a user that is not in the user database, as in many containers.
	 */
	private static final Path PROCESS_STATUS = Path.of("/proc/self/status");

	public PeerPolicy {
		uids = Set.copyOf(uids);
	}

	/**
	 * Allow the user of this process, root and others.
	 * @param others numeric ids of further users
	 * @return the policy
	 */
	public static PeerPolicy allowing(Set<Long> others) {
		Set<Long> uids = new TreeSet<>(others);
		uids.add(0L);
		uids.add(ownUid());
		return new PeerPolicy(uids);
	}

	/**
	 * Return the numeric id of the user of this process.
	 * @return the user id
	 */
	public static long ownUid() {
		try (Stream<String> lines = Files.lines(PROCESS_STATUS)) {
			Optional<String> uids = lines.filter((line) -> line.startsWith("Uid:")).findFirst();
			if (uids.isPresent()) {
				// The line has the real, effective, saved and file system ids.
				return Long.parseLong(uids.get().split("\\s+")[2]);
			}
		}
		catch (IOException | UncheckedIOException | NumberFormatException ex) {
			// The operating system is not Linux.
		}
		return new UnixSystem().getUid();
	}

	boolean allows(PeerCredentials peer) {
		return this.uids.contains(peer.uid());
	}

}
