package dev.pluggable.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import dev.pluggable.internal.transport.Transport;
import io.grpc.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps in which a server ends its calls, its connections and its threads. An
 * interrupt of the calling thread shortens each wait, and the thread stays interrupted.
 */
final class ServerShutdown {

	private static final Logger logger = LoggerFactory.getLogger(ServerShutdown.class);

	private static final long DRAIN_CHECK_MILLIS = 50;

	/**
	 * Subscriptions keep connections open until they are ended by force. A server without
	 * other calls waits this long for a call that may be on its way.
	 */
	private static final Duration QUIET = Duration.ofMillis(500);

	private static final long FORCE_SECONDS = 1;

	private final Path path;

	private final Transport transport;

	private final ThreadPoolExecutor executor;

	/**
	 * A shutdown that has not begun.
	 * @param path path of the socket, for messages
	 * @param transport the connections
	 * @param executor the threads of the calls
	 */
	ServerShutdown(Path path, Transport transport, ThreadPoolExecutor executor) {
		this.path = path;
		this.transport = transport;
		this.executor = executor;
	}

	/**
	 * Wait for the calls that end by themselves.
	 * @param servers the servers, which accept no further connection
	 * @param calls the open calls
	 * @param drained completes when the instances have no work left
	 * @param timeout the longest wait
	 */
	void drain(List<Server> servers, OpenCalls calls, CompletableFuture<?> drained, Duration timeout) {
		long start = System.nanoTime();
		long busy = start;
		try {
			while (!awaitTermination(servers)) {
				long now = System.nanoTime();
				if (!calls.none() || !drained.isDone()) {
					busy = now;
				}
				if (now - busy >= QUIET.toNanos()) {
					break;
				}
				if (now - start >= timeout.toNanos()) {
					logger.warn("Cancelling the calls on {} that are still open after {}", this.path, timeout);
					break;
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static boolean awaitTermination(List<Server> servers) throws InterruptedException {
		for (Server server : servers) {
			if (!server.awaitTermination(DRAIN_CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Close the connections, and then end the calls that are left. This order matters:
	 * after the end of a connection, its clients know that the server has gone, but a
	 * call that ends before its connection looks cancelled.
	 */
	void endConnections(List<Server> servers) {
		servers.forEach(Server::shutdown);
		this.transport.close();
		try {
			for (Server server : servers) {
				server.shutdownNow().awaitTermination(FORCE_SECONDS, TimeUnit.SECONDS);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * End the threads of the calls. A handler that ignores the cancellation of its call
	 * is interrupted.
	 */
	void endThreads() {
		this.executor.shutdown();
		try {
			if (!this.executor.awaitTermination(FORCE_SECONDS, TimeUnit.SECONDS)) {
				this.executor.shutdownNow();
				if (!this.executor.awaitTermination(FORCE_SECONDS, TimeUnit.SECONDS)) {
					logger.warn("{} calls on {} go on after they were cancelled and interrupted",
							this.executor.getActiveCount(), this.path);
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			this.executor.shutdownNow();
		}
	}

	/**
	 * End what a server that never started has left.
	 */
	void abandon() {
		this.transport.close();
		this.executor.shutdown();
	}

}
