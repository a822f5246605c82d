package dev.pluggable.transport;

import org.jspecify.annotations.Nullable;

/**
 * The process at the other end of a Unix domain socket, as the kernel reports it.
 *
 * @param uid numeric user id, -1 if the transport does not know it
 * @param pid process id, {@code null} if the transport does not know it
 * @param user name of the user, {@code null} if the transport does not know it
 * @since 0.1.0
 */
public record PeerCredentials(long uid, @Nullable Long pid, @Nullable String user) {

	@Override
	public String toString() {
		return "uid " + ((this.uid >= 0) ? this.uid : "unknown") + ((this.user != null) ? " (" + this.user + ")" : "")
				+ ((this.pid != null) ? ", pid " + this.pid : "");
	}

}
