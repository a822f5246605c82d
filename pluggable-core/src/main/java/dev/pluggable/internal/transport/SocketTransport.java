package dev.pluggable.internal.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;

import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.TransportType;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import org.jspecify.annotations.Nullable;

/**
 * One of the ways to speak to Unix domain sockets.
 */
interface SocketTransport {

	TransportType type();

	/**
	 * Why the transport cannot be used here.
	 * @return the cause, {@code null} if it can be used
	 */
	@Nullable Throwable unavailabilityCause();

	IoHandlerFactory ioHandlerFactory();

	SocketAddress address(Path socket);

	Class<? extends ServerChannel> serverChannelType();

	/**
	 * Make an unconnected channel.
	 * @return the channel with the way to learn about its peer
	 * @throws IOException if there is no descriptor left
	 */
	ClientSocket open() throws IOException;

	/**
	 * Make an unconnected channel for TCP.
	 */
	Channel openTcp();

	/**
	 * A channel and the way to learn about its peer.
	 *
	 * @param channel the channel
	 * @param peer asks the kernel once the channel is connected
	 */
	record ClientSocket(Channel channel, PeerLookup peer) {
	}

	/**
	 * Asks the kernel who is at the other end.
	 */
	@FunctionalInterface
	interface PeerLookup {

		PeerCredentials lookup(PeerPolicy policy) throws IOException;

	}

}
