package dev.pluggable.internal.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;

import dev.pluggable.transport.PeerCredentials;
import dev.pluggable.transport.TransportType;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Channels of the JDK.
 */
final class NioTransport implements SocketTransport {

	@Override
	public TransportType type() {
		return TransportType.NIO;
	}

	@Override
	public @Nullable Throwable unavailabilityCause() {
		return null;
	}

	@Override
	public IoHandlerFactory ioHandlerFactory() {
		return NioIoHandler.newFactory();
	}

	@Override
	public SocketAddress address(Path socket) {
		return UnixDomainSocketAddress.of(socket);
	}

	@Override
	public Class<? extends ServerChannel> serverChannelType() {
		return NioServerDomainSocketChannel.class;
	}

	@Override
	public Channel openTcp() {
		return new NioSocketChannel();
	}

	@Override
	public ClientSocket open() throws IOException {
		SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
		return new ClientSocket(new NioDomainSocketChannel(socket), (policy) -> peer(socket, policy));
	}

	/**
	 * Find the user id of a peer. The JDK returns a principal instead of a number.
	 * Principals with equal numbers are equal, so this method compares the peer with the
	 * principals of the users in the policy.
	 */
	private static PeerCredentials peer(SocketChannel socket, PeerPolicy policy) throws IOException {
		UserPrincipal user = socket.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
		UserPrincipalLookupService lookup = FileSystems.getDefault().getUserPrincipalLookupService();
		for (long uid : policy.uids()) {
			try {
				if (user.equals(lookup.lookupPrincipalByName(Long.toString(uid)))) {
					return new PeerCredentials(uid, null, user.getName());
				}
			}
			catch (UserPrincipalNotFoundException ex) {
				// The user database does not contain this number, so the peer has another
				// one.
			}
		}
		return new PeerCredentials(-1, null, user.getName());
	}

}
