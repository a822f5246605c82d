package dev.pluggable.internal.transport;

import dev.pluggable.transport.PeerCredentials;

/**
 * Hears of the connections of one channel to one process. Methods run on threads of the
 * transport and must not block.
 */
public interface ConnectionListener {

	/**
	 * The policy allows the peer. Nothing has been sent yet. The transport calls this
	 * method for each connection of the channel.
	 * @param peer the peer
	 */
	void connected(PeerCredentials peer);

	/**
	 * The policy does not allow the peer. Nothing was sent, and the connection is closed.
	 * @param reason why the policy does not allow the peer
	 */
	void refused(String reason);

	/**
	 * The server takes no new calls on the connection (GOAWAY). Calls in flight go on.
	 * The channel connects again to the same process.
	 */
	default void goingAway() {
	}

	/**
	 * Tell whether a further connection leads to the process of the first connection. The
	 * transport asks if both peers have the same process id, before anything is sent. The
	 * channel ends if the answer is no.
	 * @return {@code true} unless overridden
	 */
	default boolean isSameProcess() {
		return true;
	}

	/**
	 * The channel has connected again after {@link #goingAway()}. New calls use the
	 * further connection.
	 */
	default void renewed() {
	}

	/**
	 * The last connection was lost. The channel takes no more calls.
	 */
	void closed();

	/**
	 * The server has announced the end of the last connection, and the channel cannot
	 * connect to the process again. The channel takes no more calls, but calls in flight
	 * may go on. Does the same as {@link #closed()} unless overridden.
	 */
	default void retired() {
		closed();
	}

}
