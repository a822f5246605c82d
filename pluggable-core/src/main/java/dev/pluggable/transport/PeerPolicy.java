package dev.pluggable.transport;

import java.util.Set;
import java.util.TreeSet;

import com.sun.security.auth.module.UnixSystem;

/**
 * Which users may be at the other end of a socket: our own, root, and those named.
 *
 * @param uids numeric user ids
 * @since 0.1.0
 */
public record PeerPolicy(Set<Long> uids) {

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
		return new UnixSystem().getUid();
	}

	boolean allows(PeerCredentials peer) {
		return this.uids.contains(peer.uid());
	}

}
