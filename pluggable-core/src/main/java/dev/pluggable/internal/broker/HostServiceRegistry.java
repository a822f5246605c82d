package dev.pluggable.internal.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

import dev.pluggable.Registration;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginException;
import io.grpc.ServerServiceDefinition;

/**
 * The host services of one host. Callers can wait until all announced services are there.
 * Safe for use by many threads.
 */
public final class HostServiceRegistry implements HostServices {

	/**
	 * The customizer that changes nothing.
	 */
	static final UnaryOperator<ServerServiceDefinition> NONE = UnaryOperator.identity();

	private final Map<String, ServerServiceDefinition> services = new ConcurrentSkipListMap<>();

	private final ReentrantLock lock = new ReentrantLock();

	/**
	 * Tasks that wait for all services.
	 */
	private final List<Runnable> waiting = new ArrayList<>();

	private volatile UnaryOperator<ServerServiceDefinition> customizer = NONE;

	private final AtomicInteger announcements = new AtomicInteger();

	@Override
	public Registration add(ServerServiceDefinition service) {
		String name = service.getServiceDescriptor().getName();
		if (this.services.putIfAbsent(name, service) != null) {
			throw new IllegalArgumentException(
					"There are two host services '" + name + "'; only one of them can be offered to plugins");
		}
		return () -> this.services.remove(name, service);
	}

	@Override
	public Registration expectMore() {
		this.announcements.incrementAndGet();
		AtomicBoolean closed = new AtomicBoolean();
		return () -> {
			if (closed.compareAndSet(false, true)) {
				this.announcements.decrementAndGet();
				runWaiting();
			}
		};
	}

	private void runWaiting() {
		List<Runnable> tasks;
		this.lock.lock();
		try {
			if (!isComplete()) {
				return;
			}
			tasks = List.copyOf(this.waiting);
			this.waiting.clear();
		}
		finally {
			this.lock.unlock();
		}
		tasks.forEach(Runnable::run);
	}

	@Override
	public boolean isComplete() {
		return this.announcements.get() == 0;
	}

	/**
	 * Run a task as soon as all services are there.
	 * @param task the task, which must not block
	 */
	public void whenComplete(Runnable task) {
		this.lock.lock();
		try {
			if (!isComplete()) {
				this.waiting.add(task);
				return;
			}
		}
		finally {
			this.lock.unlock();
		}
		task.run();
	}

	@Override
	public void customize(UnaryOperator<ServerServiceDefinition> customizer) {
		this.customizer = customizer;
	}

	/**
	 * The current customizer.
	 */
	UnaryOperator<ServerServiceDefinition> customizer() {
		return this.customizer;
	}

	/**
	 * Whether a service is one that was offered, and needs no customizer.
	 */
	boolean isOffered(ServerServiceDefinition service) {
		return this.services.get(service.getServiceDescriptor().getName()) == service;
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
