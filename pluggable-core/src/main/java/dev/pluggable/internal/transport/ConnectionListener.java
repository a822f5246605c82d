package dev.pluggable.internal.transport;

import dev.pluggable.transport.PeerCredentials;

/**
 * Hears of the life of one connection. Methods run on the event loop of the connection
 * and must not block.
 */
public interface ConnectionListener {

	/**
	 * The policy allows the peer. Nothing has been sent yet.
	 * @param peer the peer
	 */
	void connected(PeerCredentials peer);

	/**
	 * The policy does not allow the peer. Nothing was sent, and the connection is closed.
	 * @param reason why the policy does not allow the peer
	 */
	void refused(String reason);

	/**
	 * The connection has ended.
	 */
	void closed();

}
