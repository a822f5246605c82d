package dev.pluggable.internal.endpoint;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

import dev.pluggable.discovery.SocketFile;
import io.grpc.Attributes;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * Where an endpoint is to be found for now: a process behind an address.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @param address a {@link UnixDomainSocketAddress} or an
 * {@link java.net.InetSocketAddress}
 * @param identity tells one process from another at the same address
 * @param tls how to encrypt, {@code null} for plain text
 * @param attributes what proxies may learn of the process
 * @since 0.1.0
 */
public record EndpointTarget(SocketAddress address, String identity, @Nullable SslContext tls, Attributes attributes) {

	/**
	 * A socket in a folder.
	 * @param socket the socket
	 * @return the target
	 */
	public static EndpointTarget of(SocketFile socket) {
		return new EndpointTarget(UnixDomainSocketAddress.of(socket.path()), socket.identity(), null, Attributes.EMPTY);
	}

	/**
	 * Path of the socket.
	 * @return the path, {@code null} for TCP
	 */
	@Nullable Path socket() {
		return (this.address instanceof UnixDomainSocketAddress unix) ? unix.getPath() : null;
	}

	@Override
	public String toString() {
		return this.address.toString();
	}

}
