package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
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
	 * Serve until the standard input ends. The answer to each line of the input is the
	 * number of calls of Ping so far.
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
			BareComponent component = new BareComponent();
			builder.addService(component)
				.addService(ProtoReflectionServiceV1.newInstance())
				.directExecutor()
				.build()
				.start();
			System.out.println(ServerProcess.LISTENING);
			BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			while (input.readLine() != null) {
				System.out.println(component.pings());
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
