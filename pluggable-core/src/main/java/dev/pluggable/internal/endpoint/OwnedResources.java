package dev.pluggable.internal.endpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.Registration;

/**
 * What one run of {@code Init} serves or holds. Safe for use by many threads.
 */
final class OwnedResources {

	private final ReentrantLock lock = new ReentrantLock();

	private final List<Registration> resources = new ArrayList<>();

	private boolean closed;

	/**
	 * Take over a resource. If these resources were closed, the resource closes at once.
	 */
	void add(Registration resource) {
		this.lock.lock();
		try {
			if (!this.closed) {
				this.resources.add(resource);
				return;
			}
		}
		finally {
			this.lock.unlock();
		}
		resource.close();
	}

	/**
	 * Whether the end of the run was before.
	 */
	boolean isClosed() {
		this.lock.lock();
		try {
			return this.closed;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Close all resources, once.
	 */
	void close() {
		this.lock.lock();
		try {
			this.closed = true;
		}
		finally {
			this.lock.unlock();
		}
		// No thread can add a resource from here on.
		this.resources.forEach(Registration::close);
		this.resources.clear();
	}

}
