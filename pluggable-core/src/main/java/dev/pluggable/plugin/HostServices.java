package dev.pluggable.plugin;

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
import dev.pluggable.remote.RemoteObject;
import io.grpc.Attributes;
import io.grpc.Deadline;
import io.grpc.ServerServiceDefinition;

/**
 * The gRPC services that the application offers to plugins, by their full names. A plugin
 * reaches one only after it was given its number. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class HostServices {

	/**
	 * Where {@link dev.pluggable.ComponentGeneration#attributes()} has the services that
	 * are offered to a launched plugin.
	 */
	public static final Attributes.Key<HostServices> KEY = Attributes.Key.create("dev.pluggable.plugin.host-services");

	private final Map<String, ServerServiceDefinition> services = new ConcurrentSkipListMap<>();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final AtomicInteger expecting = new AtomicInteger();

	/**
	 * Offer a service from now on.
	 * @param service the service
	 * @throws IllegalArgumentException if there is one of its name already
	 */
	public void add(ServerServiceDefinition service) {
		String name = service.getServiceDescriptor().getName();
		if (this.services.putIfAbsent(name, service) != null) {
			throw new IllegalArgumentException(
					"There are two host services '" + name + "'; only one of them can be offered to plugins");
		}
		changed();
	}

	/**
	 * Say that services are about to be added. Until they have been, a
	 * {@link RemoteObject} that needs one which is not there waits for it, for 30 seconds
	 * at most, instead of failing. Without this, what is there is all there is.
	 * @return to be closed when they have been added, or never will be
	 */
	public Registration expectMore() {
		this.expecting.incrementAndGet();
		AtomicBoolean closed = new AtomicBoolean();
		return () -> {
			if (closed.compareAndSet(false, true)) {
				this.expecting.decrementAndGet();
				changed();
			}
		};
	}

	/**
	 * After a change that those who wait look at.
	 */
	private void changed() {
		this.lock.lock();
		try {
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Whether no more services are expected.
	 * @return {@code false} from {@link #expectMore()} until it is closed
	 */
	public boolean isComplete() {
		return this.expecting.get() == 0;
	}

	/**
	 * Whether a service is not there, but may be soon.
	 */
	public boolean isExpected(String name) {
		return !this.services.containsKey(name) && !isComplete();
	}

	/**
	 * A service, as soon as it is there or known not to come.
	 * @throws PluginException if there is no such service, or not in time
	 * @throws InterruptedException if the thread is interrupted meanwhile
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

	/**
	 * Full names of the services.
	 * @return a copy, in alphabetical order
	 */
	public Set<String> names() {
		return new TreeSet<>(this.services.keySet());
	}

	/**
	 * A service.
	 * @param name its full name, such as {@code example.v1.Keystore}
	 * @return the service
	 * @throws PluginException if there is no such service
	 */
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
