package dev.pluggable.plugin;

import dev.pluggable.transport.ConnectionListener;
import dev.pluggable.transport.PeerCredentials;

/**
 * Not interested.
 */
final class SilentConnectionListener implements ConnectionListener {

	@Override
	public void connected(PeerCredentials peer) {
	}

	@Override
	public void refused(String reason) {
	}

	@Override
	public void closed() {
	}

}
