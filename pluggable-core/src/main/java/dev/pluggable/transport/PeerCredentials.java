package dev.pluggable.transport;

import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a Unix domain socket, as the kernel says.
 *
 * @param uid numeric user id, -1 if the transport does not tell it
 * @param pid process id, {@code null} if the transport does not tell it
 * @param user name of the user, {@code null} if the transport does not tell it
 * @since 0.1.0
 */
public record PeerCredentials(long uid, @Nullable Long pid, @Nullable String user) {

	@Override
	public String toString() {
		return "uid " + ((this.uid >= 0) ? this.uid : "unknown") + ((this.user != null) ? " (" + this.user + ")" : "")
				+ ((this.pid != null) ? ", pid " + this.pid : "");
	}

}
