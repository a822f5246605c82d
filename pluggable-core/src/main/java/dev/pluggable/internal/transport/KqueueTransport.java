package dev.pluggable.internal.transport;

import java.net.SocketAddress;
import java.nio.file.Path;

import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.TransportType;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueDomainSocketChannel;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Netty's native transport for macOS and BSD.
 */
final class KqueueTransport implements SocketTransport {

	@Override
	public TransportType type() {
		return TransportType.KQUEUE;
	}

	@Override
	public @Nullable Throwable unavailabilityCause() {
		return KQueue.unavailabilityCause();
	}

	@Override
	public IoHandlerFactory ioHandlerFactory() {
		return KQueueIoHandler.newFactory();
	}

	@Override
	public SocketAddress address(Path socket) {
		return new DomainSocketAddress(socket.toString());
	}

	@Override
	public Class<? extends ServerChannel> serverChannelType() {
		return KQueueServerDomainSocketChannel.class;
	}

	@Override
	public Channel openTcp() {
		return new KQueueSocketChannel();
	}

	@Override
	public ClientSocket open() {
		KQueueDomainSocketChannel channel = new KQueueDomainSocketChannel();
		return new ClientSocket(channel, (policy) -> {
			io.netty.channel.unix.PeerCredentials peer = channel.peerCredentials();
			return new PeerCredentials(peer.uid() & 0xffffffffL, (peer.pid() > 0) ? (long) peer.pid() : null, null);
		});
	}

}
