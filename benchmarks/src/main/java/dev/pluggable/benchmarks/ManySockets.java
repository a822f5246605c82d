package dev.pluggable.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.unix.DomainSocketAddress;

/**
 * A process that serves a state store on many sockets.
 */
final class ManySockets {

	private ManySockets() {
	}

	/**
	 * Serve until the standard input ends.
	 * @param arguments pairs of a folder and the number of sockets in it
	 */
	public static void main(String[] arguments) throws IOException {
		List<Path> sockets = new ArrayList<>();
		for (int i = 0; i < arguments.length; i += 2) {
			for (int j = 0; j < Integer.parseInt(arguments[i + 1]); j++) {
				sockets.add(Path.of(arguments[i], name(j)));
			}
		}
		try (BareServers servers = new BareServers()) {
			NettyServerBuilder builder = servers.unix(sockets.get(0));
			for (Path socket : sockets.subList(1, sockets.size())) {
				builder.addListenAddress(new DomainSocketAddress(socket.toString()));
			}
			builder.addService(new BareComponent())
				.addService(ProtoReflectionServiceV1.newInstance())
				.directExecutor()
				.build()
				.start();
			System.out.println(ServerProcess.LISTENING);
			while (System.in.read() >= 0) {
				// The parent process writes nothing.
			}
		}
	}

	/**
	 * Return the file name of a socket.
	 */
	static String name(int number) {
		return String.format(Locale.ROOT, "s%04d.sock", number);
	}

}
