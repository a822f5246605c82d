package dev.pluggable.internal.endpoint;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

import dev.pluggable.discovery.SocketFile;
import io.grpc.Attributes;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * The process that an endpoint connects to.
 *
 * @param address a {@link UnixDomainSocketAddress} or an {@link InetSocketAddress}
 * @param identity distinguishes processes at the same address
 * @param tls the encryption, {@code null} for plain text
 * @param attributes facts about the process for proxies
 */
public record EndpointTarget(SocketAddress address, String identity, @Nullable SslContext tls, Attributes attributes) {

	/**
	 * Begins the identity of a target that is known by its file.
	 */
	private static final String FILE = "file ";

	/**
	 * Create the target for a socket in a folder.
	 * @param socket the socket
	 * @return the target
	 */
	public static EndpointTarget of(SocketFile socket) {
		return new EndpointTarget(UnixDomainSocketAddress.of(socket.path()), FILE + socket.identity(), null,
				Attributes.EMPTY);
	}

	/**
	 * Tell whether the address still leads to the same process. The file of a socket
	 * tells: a process that takes over the path creates another file.
	 */
	boolean isUnchanged() {
		Path socket = socket();
		return socket == null || !this.identity.startsWith(FILE)
				|| this.identity.equals(FILE + SocketIdentity.of(socket));
	}

	/**
	 * Return the path of the socket.
	 * @return the path, {@code null} for TCP
	 */
	@Nullable Path socket() {
		return (this.address instanceof UnixDomainSocketAddress unix) ? unix.getPath() : null;
	}

	/**
	 * Return the address as a text.
	 * @return the path of the socket, or host and port
	 */
	@Override
	public String toString() {
		return (this.address instanceof InetSocketAddress tcp) ? tcp.getHostString() + ":" + tcp.getPort()
				: this.address.toString();
	}

}
