package dev.pluggable.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.plugin.BrokeredServer;

/**
 * The connections that the host serves to a plugin for one generation of a remote object.
 * The end of the generation closes all of them. Safe for use by many threads.
 */
final class ServedConnections {

	private final ReentrantLock lock = new ReentrantLock();

	private final List<BrokeredServer> servers = new ArrayList<>();

	private boolean complete;

	/**
	 * The number of generations that need the servers.
	 */
	private int users = 1;

	/**
	 * Add a server.
	 * @param server the server; it is closed at once if the creation has ended
	 * @return the number of the server
	 * @throws IllegalStateException if the creation has ended
	 */
	int add(BrokeredServer server) {
		this.lock.lock();
		try {
			if (!this.complete) {
				this.servers.add(server);
				return server.id();
			}
		}
		finally {
			this.lock.unlock();
		}
		server.close();
		throw new IllegalStateException("The creation has ended and can serve nothing more");
	}

	/**
	 * Accept no further servers.
	 */
	void complete() {
		this.lock.lock();
		try {
			this.complete = true;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Let another generation need the servers, too. It closes them as well.
	 * @return {@code false} if the servers are closed already
	 */
	boolean share() {
		this.lock.lock();
		try {
			if (this.users == 0) {
				return false;
			}
			this.users++;
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Accept no further servers, and close all servers unless another generation needs
	 * them.
	 */
	void close() {
		this.lock.lock();
		try {
			this.complete = true;
			if (this.users == 0 || --this.users > 0) {
				return;
			}
		}
		finally {
			this.lock.unlock();
		}
		// No thread can add a server from here on.
		this.servers.forEach(BrokeredServer::close);
	}

}
