package dev.pluggable.internal.transport;

import dev.pluggable.transport.PeerCredentials;

/**
 * Told of the life of one connection, on its event loop: must not block.
 *
 * @since 0.1.0
 */
public interface ConnectionListener {

	/**
	 * The peer was accepted; nothing has been sent yet.
	 * @param peer who it is
	 */
	void connected(PeerCredentials peer);

	/**
	 * The peer was not accepted; nothing was sent and the connection is closed.
	 * @param reason why not
	 */
	void refused(String reason);

	/**
	 * The connection has ended.
	 */
	void closed();

}
