package dev.pluggable.internal.broker;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.Registration;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginException;
import io.grpc.Deadline;
import io.grpc.ServerServiceDefinition;

/**
 * The host services of one host. Callers can wait for a service that is announced. Safe
 * for use by many threads.
 */
public final class HostServiceRegistry implements HostServices {

	private final Map<String, ServerServiceDefinition> services = new ConcurrentSkipListMap<>();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final AtomicInteger announcements = new AtomicInteger();

	@Override
	public void add(ServerServiceDefinition service) {
		String name = service.getServiceDescriptor().getName();
		if (this.services.putIfAbsent(name, service) != null) {
			throw new IllegalArgumentException(
					"There are two host services '" + name + "'; only one of them can be offered to plugins");
		}
		signalChange();
	}

	@Override
	public Registration expectMore() {
		this.announcements.incrementAndGet();
		AtomicBoolean closed = new AtomicBoolean();
		return () -> {
			if (closed.compareAndSet(false, true)) {
				this.announcements.decrementAndGet();
				signalChange();
			}
		};
	}

	private void signalChange() {
		this.lock.lock();
		try {
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public boolean isComplete() {
		return this.announcements.get() == 0;
	}

	/**
	 * Tell whether a service is missing now and may be added later.
	 * @param name full name of the service
	 * @return {@code true} if {@link #await} would wait for the service
	 */
	public boolean isExpected(String name) {
		return !this.services.containsKey(name) && !isComplete();
	}

	/**
	 * Wait for a service. Returns or fails at once if no announcement is open.
	 * @param name full name of the service
	 * @param deadline the longest wait
	 * @return the service
	 * @throws PluginException if the application does not offer the service, or if the
	 * deadline passes
	 * @throws InterruptedException if the thread is interrupted
	 */
	public ServerServiceDefinition await(String name, Deadline deadline) throws InterruptedException {
		long remaining = deadline.timeRemaining(TimeUnit.NANOSECONDS);
		this.lock.lockInterruptibly();
		try {
			while (isExpected(name) && remaining > 0) {
				remaining = this.changed.awaitNanos(remaining);
			}
		}
		finally {
			this.lock.unlock();
		}
		if (isExpected(name)) {
			throw new PluginException(
					"The host service '" + name + "' was not there in time: the application is still starting");
		}
		return get(name);
	}

	@Override
	public Set<String> names() {
		return new TreeSet<>(this.services.keySet());
	}

	@Override
	public ServerServiceDefinition get(String name) {
		ServerServiceDefinition service = this.services.get(name);
		if (service == null) {
			throw new PluginException("There is no host service '" + name + "'; the application offers "
					+ (this.services.isEmpty() ? "none" : String.join(", ", names())));
		}
		return service;
	}

	@Override
	public String toString() {
		return "HostServices" + names();
	}

}
