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
 * Which users may be at the other end of a socket: our own, root, and those named.
 *
 * @param uids numeric user ids
 * @since 0.1.0
 */
public record PeerPolicy(Set<Long> uids) {

	/**
	 * Preferred, since the JDK's own answer is 0 on Java 17 for a user that is not in the
	 * user database, as in many containers.
	 */
	private static final Path PROCESS_STATUS = Path.of("/proc/self/status");

	public PeerPolicy {
		uids = Set.copyOf(uids);
	}

	/**
	 * Our own user, root and others.
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
	 * Numeric id of the user that this process runs as.
	 * @return the user id
	 */
	public static long ownUid() {
		try (Stream<String> lines = Files.lines(PROCESS_STATUS)) {
			Optional<String> uids = lines.filter((line) -> line.startsWith("Uid:")).findFirst();
			if (uids.isPresent()) {
				// Real, effective, saved, file system.
				return Long.parseLong(uids.get().split("\\s+")[2]);
			}
		}
		catch (IOException | UncheckedIOException | NumberFormatException ex) {
			// Not Linux.
		}
		return new UnixSystem().getUid();
	}

	boolean allows(PeerCredentials peer) {
		return this.uids.contains(peer.uid());
	}

}
