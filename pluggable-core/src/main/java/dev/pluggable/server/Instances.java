package dev.pluggable.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.ComponentException;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import io.grpc.Context;
import io.grpc.Contexts;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one kind. A call takes no lock. An {@code Init} takes the lock of its
 * instance, and so does the first call of an instance that needs no {@code Init}.
 *
 * @param <T> the kind's interface
 */
final class Instances<T> implements ComponentInstances<T>, AutoCloseable {

	static final int MAX = 1000;

	private static final long CANCELLATION_CHECK_MILLIS = 100;

	private final String kind;

	private final Set<String> hostNames;

	private final ComponentFactory<? extends T> factory;

	private final @Nullable T shared;

	private final Map<String, Map<String, String>> known;

	private final InstanceOwner owner;

	private final Map<String, Slot<T>> slots = new ConcurrentHashMap<>();

	private final Semaphore free = new Semaphore(MAX);

	private volatile boolean closed;

	Instances(String kind, Set<String> hostNames, ComponentFactory<? extends T> factory, @Nullable T shared,
			Map<String, Map<String, String>> known, InstanceOwner owner) {
		this.kind = kind;
		this.hostNames = hostNames;
		this.factory = factory;
		this.shared = shared;
		this.known = known;
		this.owner = owner;
	}

	/**
	 * Create instances by a factory.
	 * @param kind the kind
	 * @param factory creates the instances
	 * @param known settings of instances that need no {@code Init}, by their names
	 * @param owner closes the instances
	 */
	static <T> Instances<T> of(ComponentKind<T> kind, ComponentFactory<? extends T> factory,
			Map<String, Map<String, String>> known, InstanceOwner owner) {
		return new Instances<>(kind.name(), kind.hostMetadata(), factory, null, known, owner);
	}

	/**
	 * Use one object for all instances, which therefore needs no {@code Init}.
	 * @param kind the kind
	 * @param shared the object
	 * @param owner drains the object
	 */
	static <T> Instances<T> shared(ComponentKind<T> kind, T shared, InstanceOwner owner) {
		owner.retain(shared);
		return new Instances<>(kind.name(), kind.hostMetadata(), (name, metadata) -> shared, shared, Map.of(), owner);
	}

	@Override
	public T current() {
		return current(null);
	}

	@Override
	public T currentOrNew() {
		return current(Map.of());
	}

	/**
	 * Return the instance of the current call.
	 * @param defaults settings of a missing instance of which the server knows no
	 * settings, {@code null} if there must be no such instance
	 */
	private T current(@Nullable Map<String, String> defaults) {
		String name = InstanceName.current();
		Slot<T> slot = this.slots.get(name);
		Instance<T> instance = (slot != null) ? slot.current.get() : null;
		if (instance != null) {
			return instance.value();
		}
		if (this.shared != null) {
			return this.shared;
		}
		Map<String, String> known = settings(name);
		Map<String, String> settings = (known != null) ? known : defaults;
		if (settings == null) {
			throw new IllegalStateException("The " + InstanceName.describe(this.kind, name)
					+ " is not initialised: Init must come before any other call");
		}
		return create(name, settings);
	}

	/**
	 * Return the settings of an instance that needs no {@code Init}. A host that sends no
	 * names has one instance.
	 */
	private @Nullable Map<String, String> settings(String name) {
		if (name.isEmpty() && this.known.size() == 1) {
			return this.known.values().iterator().next();
		}
		return this.known.get(name);
	}

	private T create(String name, Map<String, String> settings) {
		try {
			Slot<T> slot = lock(name);
			try {
				Instance<T> existing = slot.current.get();
				return (existing != null) ? existing.value() : replace(slot, name, settings);
			}
			finally {
				unlock(slot, name);
			}
		}
		catch (PluggableException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new ComponentException("The " + InstanceName.describe(this.kind, name) + " cannot be created"
					+ (settings.isEmpty() ? "" : " from the settings of the server") + ": " + ex.getClass().getName(),
					ex);
		}
	}

	@Override
	public void initialize(Map<String, String> metadata) throws Exception {
		String name = InstanceName.current();
		Slot<T> slot = lock(name);
		try {
			Instance<T> existing = slot.current.get();
			if (existing == null || !existing.settings().equals(instanceSettings(metadata))) {
				replace(slot, name, metadata);
			}
			HostConnection connection = HostConnection.ofCall();
			if (connection != null) {
				connection.initialized(slot, hostSettings(metadata));
			}
			slot.lastHost = hostSettings(metadata);
		}
		finally {
			unlock(slot, name);
		}
	}

	private Map<String, String> instanceSettings(Map<String, String> metadata) {
		Map<String, String> settings = new HashMap<>(metadata);
		settings.keySet().removeIf((key) -> this.hostNames.stream().anyMatch(key::equalsIgnoreCase));
		return settings;
	}

	private Map<String, String> hostSettings(Map<String, String> metadata) {
		Map<String, String> settings = new HashMap<>();
		for (String name : this.hostNames) {
			metadata.forEach((key, value) -> {
				if (key.equalsIgnoreCase(name)) {
					settings.put(name, value);
				}
			});
		}
		return settings;
	}

	@Override
	public Map<String, String> hostMetadata() {
		Slot<T> slot = this.slots.get(InstanceName.current());
		if (slot == null) {
			return Map.of();
		}
		HostConnection connection = HostConnection.ofCall();
		Map<String, String> own = (connection != null) ? connection.metadata(slot) : null;
		Map<String, String> settings = new HashMap<>();
		slot.hostNames.forEach((name) -> settings.put(name, ""));
		settings.putAll((own != null) ? own : slot.lastHost);
		return settings;
	}

	@Override
	public Object connection() {
		HostConnection connection = HostConnection.ofCall();
		return (connection != null) ? connection : this;
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

	private void unlock(Slot<T> slot, String name) {
		if (slot.current.get() == null) {
			slot.removed = true;
			this.slots.remove(name);
			this.free.release();
		}
		slot.lock.unlock();
	}

	private Slot<T> newSlot(String name) {
		if (!this.free.tryAcquire()) {
			throw new InvalidRequestException("The " + InstanceName.describe(this.kind, name)
					+ " cannot be initialised: this server holds " + MAX + " of them already, which is the limit");
		}
		return new Slot<>();
	}

	private T replace(Slot<T> slot, String name, Map<String, String> metadata) throws Exception {
		T value = Objects.requireNonNull(this.factory.create(name, Map.copyOf(metadata)),
				() -> "The factory returned null for the " + InstanceName.describe(this.kind, name));
		this.owner.retain(value);
		slot.hostNames = Set.copyOf(hostSettings(metadata).keySet());
		slot.lastHost = hostSettings(metadata);
		release(slot.current.getAndSet(new Instance<>(instanceSettings(metadata), value)));
		if (this.closed) {
			release(slot.current.getAndSet(null));
			throw new IllegalStateException("The server is shutting down");
		}
		return value;
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

	/**
	 * An instance.
	 *
	 * @param settings the settings that hosts must have in common to share the instance
	 * @param value the object
	 */
	private record Instance<T>(Map<String, String> settings, T value) {
	}

	private static final class Slot<T> {

		final ReentrantLock lock = new ReentrantLock();

		final AtomicReference<@Nullable Instance<T>> current = new AtomicReference<>();

		/**
		 * Names of the host's settings with which the instance was created.
		 */
		volatile Set<String> hostNames = Set.of();

		/**
		 * Settings of the host that called {@code Init} last, for hosts that do not
		 * repeat {@code Init} on a new connection.
		 */
		volatile Map<String, String> lastHost = Map.of();

		/**
		 * Guarded by the lock.
		 */
		boolean removed;

	}

}
