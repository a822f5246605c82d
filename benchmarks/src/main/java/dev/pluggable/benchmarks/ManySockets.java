package dev.pluggable.benchmarks;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Locale;

import dev.pluggable.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.unix.DomainSocketAddress;

/**
 * One process with state stores on many sockets, and if asked another socket on which
 * somebody listens who never says anything.
 */
final class ManySockets {

	/** Name of the socket that hangs. */
	static final String HANGING = "hanging.sock";

	private ManySockets() {
	}

	/**
	 * Serve until the standard input ends.
	 * @param arguments the folder, how many sockets, whether another one hangs
	 */
	public static void main(String[] arguments) throws IOException {
		Path folder = Path.of(arguments[0]);
		int count = Integer.parseInt(arguments[1]);
		try (Transport transport = Transport.create(TransportType.EPOLL);
				ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			NettyServerBuilder builder = transport.server(folder.resolve(name(0)));
			for (int i = 1; i < count; i++) {
				builder.addListenAddress(new DomainSocketAddress(folder.resolve(name(i)).toString()));
			}
			builder.addService(new BareComponent())
				.addService(ProtoReflectionServiceV1.newInstance())
				.directExecutor()
				.build()
				.start();
			if (Boolean.parseBoolean(arguments[2])) {
				hanging.bind(UnixDomainSocketAddress.of(folder.resolve(HANGING)));
			}
			System.out.println(ServerProcess.LISTENING);
			while (System.in.read() >= 0) {
				// Nothing is ever said here.
			}
		}
	}

	/**
	 * File name of a socket.
	 */
	static String name(int number) {
		return String.format(Locale.ROOT, "s%04d.sock", number);
	}

}
