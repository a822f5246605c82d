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
 * A network implementation that connects Unix domain sockets.
 */
interface SocketTransport {

	TransportType type();

	/**
	 * Tell why the transport does not work on this machine.
	 * @return the cause, {@code null} if the transport works
	 */
	@Nullable Throwable unavailabilityCause();

	IoHandlerFactory ioHandlerFactory();

	SocketAddress address(Path socket);

	Class<? extends ServerChannel> serverChannelType();

	/**
	 * Create an unconnected channel for a Unix domain socket.
	 * @return the channel
	 * @throws IOException if this process has no descriptor left
	 */
	ClientSocket open() throws IOException;

	/**
	 * Create an unconnected channel for TCP.
	 */
	Channel openTcp();

	/**
	 * A channel for a Unix domain socket or for TCP.
	 *
	 * @param channel the channel
	 * @param peer asks the kernel for the peer, once the channel is connected;
	 * {@code null} for TCP
	 */
	record ClientSocket(Channel channel, @Nullable PeerLookup peer) {
	}

	/**
	 * Asks the kernel for the process at the other end.
	 */
	@FunctionalInterface
	interface PeerLookup {

		PeerCredentials lookup(PeerPolicy policy) throws IOException;

	}

}
