package dev.pluggable.internal.broker;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import dev.pluggable.plugin.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers that listen before the host needs them, because to open a server takes as long
 * as the rest of a short connection. The first connection opens its server itself; from
 * then on the pool opens the next servers in the background. Safe for use by many
 * threads.
 */
final class ServerPool {

	private static final Logger logger = LoggerFactory.getLogger(ServerPool.class);

	/**
	 * Number of servers that are ready.
	 */
	static final int READY = 2;

	private final Supplier<ListeningServer> opener;

	private final Executor executor;

	private final ReentrantLock lock = new ReentrantLock();

	private final Queue<ListeningServer> ready = new ArrayDeque<>();

	private int opening;

	private boolean closed;

	/**
	 * Create an empty pool.
	 * @param opener opens a server, or throws a {@link PluginException}; may block
	 * @param executor opens servers in the background
	 */
	ServerPool(Supplier<ListeningServer> opener, Executor executor) {
		this.opener = opener;
		this.executor = executor;
	}

	/**
	 * Return a server that nobody else uses. The caller closes the server.
	 * @throws PluginException if there is none that is ready, and none can be opened
	 */
	ListeningServer take() {
		ListeningServer server = poll();
		if (server == null) {
			server = this.opener.get();
		}
		refill();
		return server;
	}

	private @Nullable ListeningServer poll() {
		this.lock.lock();
		try {
			return this.ready.poll();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void refill() {
		while (begin()) {
			try {
				this.executor.execute(this::open);
			}
			catch (RejectedExecutionException ex) {
				// The host is closing.
				end(null);
				return;
			}
		}
	}

	private boolean begin() {
		this.lock.lock();
		try {
			if (this.closed || this.ready.size() + this.opening >= READY) {
				return false;
			}
			this.opening++;
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void open() {
		ListeningServer server = null;
		try {
			server = this.opener.get();
		}
		catch (RuntimeException ex) {
			// The next connection opens its server itself and reports the failure.
			logger.debug("The host failed to open a server ahead of its use", ex);
		}
		if (!end(server) && server != null) {
			server.close();
		}
	}

	/**
	 * End the opening of a server.
	 * @return whether the pool has taken the server
	 */
	private boolean end(@Nullable ListeningServer server) {
		this.lock.lock();
		try {
			this.opening--;
			return server != null && !this.closed && this.ready.add(server);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Close the servers that are ready, and open no more. Does not block.
	 */
	void close() {
		Queue<ListeningServer> servers;
		this.lock.lock();
		try {
			this.closed = true;
			servers = new ArrayDeque<>(this.ready);
			this.ready.clear();
		}
		finally {
			this.lock.unlock();
		}
		servers.forEach(ListeningServer::close);
	}

}
