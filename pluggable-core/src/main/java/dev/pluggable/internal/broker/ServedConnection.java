package dev.pluggable.internal.broker;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.BrokeredServer;

/**
 * A server of the host for one plugin.
 */
final class ServedConnection implements BrokeredServer {

	private final BrokeredConnection description;

	private final ListeningServer server;

	private final Consumer<ServedConnection> closing;

	private final AtomicBoolean closed = new AtomicBoolean();

	/**
	 * Create a connection.
	 * @param name the purpose of the connection
	 * @param server the server, which this connection closes
	 * @param closing called once when the connection is closed
	 */
	ServedConnection(String name, ListeningServer server, Consumer<ServedConnection> closing) {
		this.description = new BrokeredConnection(server.number(), name, Instant.now());
		this.server = server;
		this.closing = closing;
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
		if (this.closed.compareAndSet(false, true)) {
			this.closing.accept(this);
			this.server.close();
		}
	}

}
