package dev.pluggable.internal.transport;

import java.net.SocketAddress;
import java.nio.file.Path;

import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.TransportType;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Netty's native transport for Linux.
 */
final class EpollTransport implements SocketTransport {

	@Override
	public TransportType type() {
		return TransportType.EPOLL;
	}

	@Override
	public @Nullable Throwable unavailabilityCause() {
		return Epoll.unavailabilityCause();
	}

	@Override
	public IoHandlerFactory ioHandlerFactory() {
		return EpollIoHandler.newFactory();
	}

	@Override
	public SocketAddress address(Path socket) {
		return new DomainSocketAddress(socket.toString());
	}

	@Override
	public Class<? extends ServerChannel> serverChannelType() {
		return EpollServerDomainSocketChannel.class;
	}

	@Override
	public Channel openTcp() {
		return new EpollSocketChannel();
	}

	@Override
	public ClientSocket open() {
		EpollDomainSocketChannel channel = new EpollDomainSocketChannel();
		return new ClientSocket(channel, (policy) -> {
			io.netty.channel.unix.PeerCredentials peer = channel.peerCredentials();
			return new PeerCredentials(peer.uid() & 0xffffffffL, (peer.pid() > 0) ? (long) peer.pid() : null, null);
		});
	}

}
