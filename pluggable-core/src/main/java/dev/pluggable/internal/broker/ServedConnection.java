package dev.pluggable.internal.broker;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import dev.pluggable.plugin.BrokeredConnection;
import dev.pluggable.plugin.BrokeredServer;
import io.grpc.HandlerRegistry;
import org.jspecify.annotations.Nullable;

/**
 * A server of the host for one plugin. While a process is replaced, the next process may
 * get a server with the same number and the same services, because a call that passes the
 * number may reach either process.
 */
final class ServedConnection implements BrokeredServer {

	private final BrokeredConnection description;

	private final ListeningServer server;

	private final HandlerRegistry services;

	private final Consumer<ServedConnection> ending;

	private final AtomicBoolean ended = new AtomicBoolean();

	/**
	 * Guards the fields below.
	 */
	private final ReentrantLock lock = new ReentrantLock();

	private boolean handedOver;

	private boolean stays;

	private boolean closed;

	private @Nullable ServedConnection next;

	/**
	 * Create a connection.
	 * @param name the purpose of the connection
	 * @param server the server, which this connection closes
	 * @param services the services of the server
	 * @param ending called once when the server ends
	 */
	ServedConnection(String name, ListeningServer server, HandlerRegistry services, Consumer<ServedConnection> ending) {
		this.description = new BrokeredConnection(server.number(), name, Instant.now());
		this.server = server;
		this.services = services;
		this.ending = ending;
	}

	BrokeredConnection describe() {
		return this.description;
	}

	@Override
	public int id() {
		return this.description.id();
	}

	/**
	 * Let the broker of the next process serve the same number, unless the process before
	 * has used the number.
	 */
	void handOver(GrpcBroker successor) {
		this.lock.lock();
		try {
			if (this.handedOver || this.stays || this.closed || this.server.isUsed()) {
				return;
			}
			this.handedOver = true;
		}
		finally {
			this.lock.unlock();
		}
		ServedConnection next = successor.adopt(this.description.name(), id(), this.services);
		boolean late;
		this.lock.lock();
		try {
			this.next = next;
			late = this.closed || this.stays;
		}
		finally {
			this.lock.unlock();
		}
		if (late && next != null) {
			next.close();
		}
	}

	/**
	 * Serve the number to this process only.
	 */
	void stay() {
		ServedConnection next;
		this.lock.lock();
		try {
			this.stays = true;
			next = this.next;
		}
		finally {
			this.lock.unlock();
		}
		if (next != null) {
			next.close();
		}
	}

	/**
	 * End the server of this process. The server of the next process goes on.
	 */
	void end() {
		if (this.ended.compareAndSet(false, true)) {
			this.ending.accept(this);
			this.server.close();
		}
	}

	@Override
	public void close() {
		ServedConnection next;
		this.lock.lock();
		try {
			this.closed = true;
			next = this.next;
		}
		finally {
			this.lock.unlock();
		}
		end();
		if (next != null) {
			next.close();
		}
	}

}
