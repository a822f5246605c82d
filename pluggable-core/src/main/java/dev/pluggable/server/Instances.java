package dev.pluggable.server;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentInstances;
import dev.pluggable.InvalidRequestException;
import io.grpc.Context;
import io.grpc.Contexts;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one kind. A call takes no lock. An {@code Init} takes the lock of its
 * instance.
 *
 * @param <T> the kind's interface
 */
final class Instances<T> implements ComponentInstances<T>, AutoCloseable {

	static final int MAX = 1000;

	private static final long CANCELLATION_CHECK_MILLIS = 100;

	private final String kind;

	private final ComponentFactory<? extends T> factory;

	private final InstanceOwner owner;

	private final Map<String, Slot<T>> slots = new ConcurrentHashMap<>();

	private final Semaphore free = new Semaphore(MAX);

	private volatile boolean closed;

	Instances(String kind, ComponentFactory<? extends T> factory, InstanceOwner owner) {
		this.kind = kind;
		this.factory = factory;
		this.owner = owner;
	}

	@Override
	public T current() {
		String name = InstanceName.current();
		Slot<T> slot = this.slots.get(name);
		Instance<T> instance = (slot != null) ? slot.current.get() : null;
		if (instance == null) {
			throw new IllegalStateException("The " + InstanceName.describe(this.kind, name)
					+ " is not initialised: Init must come before any other call");
		}
		return instance.value();
	}

	@Override
	public void initialize(Map<String, String> metadata) throws Exception {
		String name = InstanceName.current();
		Map<String, String> settings = Map.copyOf(metadata);
		Slot<T> slot = lock(name);
		try {
			Instance<T> existing = slot.current.get();
			if (existing == null || !existing.metadata().equals(settings)) {
				replace(slot, name, settings);
			}
		}
		finally {
			if (slot.current.get() == null) {
				slot.removed = true;
				this.slots.remove(name);
				this.free.release();
			}
			slot.lock.unlock();
		}
	}

	/**
	 * Lock an instance. A call that waits gives up when its caller does: otherwise a
	 * factory that hangs would hold one more thread of the server at each attempt.
	 */
	private Slot<T> lock(String name) throws Exception {
		Context context = Context.current();
		while (true) {
			if (context.isCancelled()) {
				throw Contexts.statusFromCancelled(context).asException();
			}
			Slot<T> slot = this.slots.computeIfAbsent(name, this::newSlot);
			if (slot.lock.tryLock(CANCELLATION_CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
				if (!slot.removed) {
					return slot;
				}
				slot.lock.unlock();
			}
		}
	}

	private Slot<T> newSlot(String name) {
		if (!this.free.tryAcquire()) {
			throw new InvalidRequestException("The " + InstanceName.describe(this.kind, name)
					+ " cannot be initialised: this server holds " + MAX + " of them already, which is the limit");
		}
		return new Slot<>();
	}

	private void replace(Slot<T> slot, String name, Map<String, String> settings) throws Exception {
		T value = Objects.requireNonNull(this.factory.create(name, settings),
				() -> "The factory returned null for the " + InstanceName.describe(this.kind, name));
		this.owner.retain(value);
		release(slot.current.getAndSet(new Instance<>(settings, value)));
		if (this.closed) {
			release(slot.current.getAndSet(null));
			throw new IllegalStateException("The server is shutting down");
		}
	}

	private void release(@Nullable Instance<T> instance) {
		if (instance != null) {
			this.owner.release(instance.value());
		}
	}

	/**
	 * Names of the initialised instances.
	 */
	Set<String> names() {
		Set<String> names = new TreeSet<>();
		this.slots.forEach((name, slot) -> {
			if (slot.current.get() != null) {
				names.add(name);
			}
		});
		return names;
	}

	@Override
	public void close() {
		this.closed = true;
		this.slots.values().forEach((slot) -> release(slot.current.getAndSet(null)));
	}

	private record Instance<T>(Map<String, String> metadata, T value) {
	}

	private static final class Slot<T> {

		final ReentrantLock lock = new ReentrantLock();

		final AtomicReference<@Nullable Instance<T>> current = new AtomicReference<>();

		/**
		 * Guarded by the lock.
		 */
		boolean removed;

	}

}
