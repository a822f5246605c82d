package dev.pluggable.internal.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.BrokeredServer;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of the host for one plugin, on a socket of its own that only the host's user
 * may connect to.
 */
final class ServedConnection implements BrokeredServer {

	private static final Logger logger = LoggerFactory.getLogger(ServedConnection.class);

	private static final Set<PosixFilePermission> OWN_USER = PosixFilePermissions.fromString("rw-------");

	private final BrokeredConnection description;

	private final Path socket;

	private final Server server;

	private final Executor handlers;

	private final Consumer<ServedConnection> closing;

	private final AtomicBoolean closed = new AtomicBoolean();

	private ServedConnection(BrokeredConnection description, Path socket, Server server, Executor handlers,
			Consumer<ServedConnection> closing) {
		this.description = description;
		this.socket = socket;
		this.server = server;
		this.handlers = handlers;
		this.closing = closing;
	}

	/**
	 * Start a server.
	 * @param number the number of the connection
	 * @param name the purpose of the connection
	 * @param socket the socket that the server listens on
	 * @param builder builds the server
	 * @param handlers runs work that blocks
	 * @param closing called once when the server is closed
	 * @return the running server
	 * @throws IOException if the server cannot listen on the socket
	 */
	static ServedConnection start(int number, String name, Path socket, NettyServerBuilder builder, Executor handlers,
			Consumer<ServedConnection> closing) throws IOException {
		Server server = builder.build();
		try {
			server.start();
			Files.setPosixFilePermissions(socket, OWN_USER);
		}
		catch (IOException ex) {
			server.shutdownNow();
			throw ex;
		}
		return new ServedConnection(new BrokeredConnection(number, name, Instant.now()), socket, server, handlers,
				closing);
	}

	BrokeredConnection describe() {
		return this.description;
	}

	@Override
	public int id() {
		return this.description.id();
	}

	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		this.closing.accept(this);
		try {
			Files.deleteIfExists(this.socket);
		}
		catch (IOException ex) {
			logger.warn("The host failed to delete the socket '{}': {}", this.socket, ex.toString());
		}
		try {
			// The shutdown waits for the event loop, and the caller may be on it.
			this.handlers.execute(this.server::shutdownNow);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The host has closed, and its transport ends the server", ex);
		}
	}

}
