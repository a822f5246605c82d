package dev.pluggable.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;

import io.grpc.Server;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;

/**
 * A component that an application launches. It warms up before it listens, and writes
 * down when it was started and when it listened.
 */
final class LaunchedComponent {

	private LaunchedComponent() {
	}

	/**
	 * Serve until killed.
	 * @param arguments file for the two times, in nanoseconds of
	 * {@link System#nanoTime()}
	 */
	public static void main(String[] arguments) throws IOException, InterruptedException {
		long started = System.nanoTime()
				- TimeUnit.MILLISECONDS.toNanos(ManagementFactory.getRuntimeMXBean().getUptime());
		try (BareServers servers = new BareServers()) {
			BareComponent.warmUp(servers);
			Server server = servers.unix(Path.of(System.getenv("PLUGGABLE_SOCKET_PATH")))
				.addService(new BareComponent())
				.addService(ProtoReflectionServiceV1.newInstance())
				.directExecutor()
				.build()
				.start();
			Path times = Path.of(arguments[0]);
			Path written = Path.of(arguments[0] + ".new");
			Files.writeString(written, started + " " + System.nanoTime());
			Files.move(written, times, StandardCopyOption.ATOMIC_MOVE);
			server.awaitTermination();
		}
	}

}
