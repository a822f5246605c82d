package dev.pluggable.server;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

import dev.pluggable.internal.support.DaemonThreads;
import io.grpc.Server;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket of a server, which is made again if somebody deletes its file. No process
 * can connect to a socket without a file, so a new socket listens then. The old one keeps
 * its connections. Safe for use by many threads.
 */
final class ServerSockets {

	private static final Logger logger = LoggerFactory.getLogger(ServerSockets.class);

	private static final long CHECK_MILLIS = 1000;

	private final Path path;

	private final boolean allowUntrustedFolder;

	private final Set<PosixFilePermission> permissions;

	private final BiFunction<Path, HostConnection.Filter, Server> starter;

	private final ScheduledThreadPoolExecutor timer;

	/** The listening sockets, the current one last. */
	private final List<Listening> listening = new ArrayList<>();

	private @Nullable String problem;

	private boolean closed;

	/**
	 * Create a socket that does not listen yet.
	 * @param path path of the socket
	 * @param allowUntrustedFolder whether other users may be able to change the folder
	 * @param permissions permissions of the socket
	 * @param starter starts a server, which listens on a path
	 */
	ServerSockets(Path path, boolean allowUntrustedFolder, Set<PosixFilePermission> permissions,
			BiFunction<Path, HostConnection.Filter, Server> starter) {
		this.path = path;
		this.allowUntrustedFolder = allowUntrustedFolder;
		this.permissions = permissions;
		this.starter = starter;
		this.timer = new ScheduledThreadPoolExecutor(1, DaemonThreads.named("pluggable-server-socket"));
	}

	/**
	 * Listen, and look after the file of the socket.
	 * @throws ComponentServerException if the server cannot use the socket
	 */
	synchronized void open() {
		if (this.closed) {
			throw new IllegalStateException("The server is closed");
		}
		try {
			this.listening.add(listen());
		}
		catch (RuntimeException | Error ex) {
			this.timer.shutdownNow();
			throw ex;
		}
		this.timer.scheduleWithFixedDelay(this::check, CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
	}

	private Listening listen() {
		PrivateSocket socket = PrivateSocket.prepare(this.path, this.allowUntrustedFolder);
		Server server = null;
		try {
			HostConnection.Filter connections = new HostConnection.Filter();
			server = this.starter.apply(socket.bindPath(), connections);
			socket.publish(this.permissions);
			return new Listening(socket, server, connections);
		}
		catch (RuntimeException | Error ex) {
			socket.delete();
			if (server != null) {
				server.shutdownNow();
			}
			throw ex;
		}
	}

	private synchronized void check() {
		if (this.closed) {
			return;
		}
		endUnused();
		if (!current().socket().isMissing()) {
			return;
		}
		try {
			this.listening.add(listen());
			this.problem = null;
			logger.warn("Somebody deleted the socket {}, so the server made the socket again", this.path);
		}
		catch (RuntimeException | Error ex) {
			// An exception would end the timer, even if the system only lacks a thread
			// for
			// a moment.
			String problem = String.valueOf(ex.getMessage());
			if (!problem.equals(this.problem)) {
				this.problem = problem;
				logger.warn("Somebody deleted the socket {}, and the server cannot make the socket again: {}. "
						+ "The server tries again each second", this.path, problem);
			}
		}
	}

	/**
	 * End old sockets without connections: nobody can connect to them any more.
	 */
	private void endUnused() {
		for (Listening old : List.copyOf(this.listening)) {
			if (old != current() && old.connections().open() == 0) {
				old.server().shutdownNow();
				this.listening.remove(old);
			}
		}
	}

	private Listening current() {
		return this.listening.get(this.listening.size() - 1);
	}

	/**
	 * Whether the file of the socket belongs to this server.
	 */
	synchronized boolean isPublished() {
		return !this.closed && current().socket().isPublished();
	}

	/**
	 * Delete the socket, unless another server has replaced it, and accept no further
	 * connection.
	 * @return the servers, whose connections go on
	 */
	synchronized List<Server> close() {
		this.closed = true;
		this.timer.shutdownNow();
		if (!this.listening.isEmpty()) {
			current().socket().delete();
		}
		List<Server> servers = this.listening.stream().map(Listening::server).toList();
		servers.forEach(Server::shutdown);
		return servers;
	}

	/**
	 * A socket that listens.
	 */
	private record Listening(PrivateSocket socket, Server server, HostConnection.Filter connections) {
	}

}
