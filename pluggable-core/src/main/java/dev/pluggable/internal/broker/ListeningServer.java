package dev.pluggable.internal.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import dev.pluggable.plugin.PluginBroker;
import io.grpc.Attributes;
import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server on a socket of its own that only the host's user may connect to. The server
 * listens before it has services, and gets them before anybody knows the socket.
 */
final class ListeningServer {

	private static final Logger logger = LoggerFactory.getLogger(ListeningServer.class);

	private static final Set<PosixFilePermission> OWN_USER = PosixFilePermissions.fromString("rw-------");

	private final int number;

	private final Path socket;

	private final Executor handlers;

	private final Services services = new Services();

	private final Server server;

	/** The purpose of the connection, empty until the server has services. */
	private volatile String name = "";

	private volatile boolean used;

	/**
	 * Create a server and let it listen.
	 * @param caller the attributes of each call
	 * @param number the number of the connection
	 * @param socket the socket, which must not exist
	 * @param builder builds the server
	 * @param handlers runs work that blocks
	 * @throws IOException if the server cannot listen on the socket
	 */
	ListeningServer(Attributes caller, int number, Path socket, NettyServerBuilder builder, Executor handlers)
			throws IOException {
		this.number = number;
		this.socket = socket;
		this.handlers = handlers;
		this.server = builder.fallbackHandlerRegistry(this.services)
			.addTransportFilter(new CallerAttributes(caller))
			.build();
		try {
			this.server.start();
			Files.setPosixFilePermissions(socket, OWN_USER);
		}
		catch (IOException ex) {
			this.server.shutdownNow();
			throw ex;
		}
	}

	int number() {
		return this.number;
	}

	Path socket() {
		return this.socket;
	}

	/**
	 * Tell whether the plugin has connected.
	 */
	boolean isUsed() {
		return this.used;
	}

	/**
	 * Set the services. Call this method before the plugin learns of the socket.
	 * @param name the purpose of the connection
	 */
	void serve(String name, HandlerRegistry services) {
		this.name = name;
		this.services.current = services;
	}

	/**
	 * Delete the socket and end the server. Does not block.
	 */
	void close() {
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

	/**
	 * The services of the server.
	 */
	private static final class Services extends HandlerRegistry {

		private volatile @Nullable HandlerRegistry current;

		@Override
		public List<ServerServiceDefinition> getServices() {
			HandlerRegistry services = this.current;
			return (services != null) ? services.getServices() : List.of();
		}

		@Override
		public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
			HandlerRegistry services = this.current;
			return (services != null) ? services.lookupMethod(name, authority) : null;
		}

	}

	/**
	 * Tells server interceptors who calls.
	 */
	private final class CallerAttributes extends ServerTransportFilter {

		private final Attributes caller;

		CallerAttributes(Attributes caller) {
			this.caller = caller;
		}

		@Override
		public Attributes transportReady(Attributes attributes) {
			ListeningServer.this.used = true;
			return attributes.toBuilder()
				.setAll(this.caller)
				.set(PluginBroker.CONNECTION, ListeningServer.this.name)
				.build();
		}

	}

}
