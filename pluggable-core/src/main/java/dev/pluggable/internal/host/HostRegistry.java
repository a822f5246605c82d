package dev.pluggable.internal.host;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import dev.pluggable.Component;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.Components;
import dev.pluggable.Registration;
import dev.pluggable.internal.support.Names;

/**
 * The registry of a host: an immutable list that each change replaces. One thread at a
 * time may change it: the thread that creates the host, and then the host's thread.
 */
public final class HostRegistry implements ComponentRegistry {

	private static final Comparator<Component<?>> ORDER = Comparator
		.comparing((Component<?> component) -> component.kind().name())
		.thenComparing(Component::name);

	private final List<ComponentKind<?>> kinds;

	private final Executor events;

	private final List<ListenerQueue> listeners = new CopyOnWriteArrayList<>();

	private volatile List<Component<?>> components = List.of();

	/**
	 * The same components by kind and name, because a host has to find each of thousands.
	 */
	private final Map<Key, Component<?>> byName = new ConcurrentHashMap<>();

	private final Set<String> ids = ConcurrentHashMap.newKeySet();

	/**
	 * An empty registry.
	 * @param kinds the kinds
	 * @param events calls the listeners; must not run one listener on the thread on which
	 * another one blocks
	 * @throws IllegalArgumentException if two kinds have one name, or the name of a kind
	 * is not valid
	 */
	public HostRegistry(List<ComponentKind<?>> kinds, Executor events) {
		validate(kinds);
		this.kinds = kinds.stream()
			.sorted(Comparator.<ComponentKind<?>, String>comparing(ComponentKind::name))
			.toList();
		this.events = events;
	}

	private static void validate(List<ComponentKind<?>> kinds) {
		Set<String> names = new HashSet<>();
		for (ComponentKind<?> kind : kinds) {
			Names.requireKind(kind.name());
			Names.requireKind(kind.typePrefix());
			if (!names.add(kind.name())) {
				throw new IllegalArgumentException("Two kinds have the name '" + kind.name() + "'");
			}
		}
	}

	@Override
	public List<ComponentKind<?>> kinds() {
		return this.kinds;
	}

	@Override
	public List<Component<?>> components() {
		return this.components;
	}

	@Override
	public <T> Components<T> components(ComponentKind<T> kind) {
		return new KindView<>(kind);
	}

	@Override
	@SuppressWarnings("unchecked")
	public <T> Optional<Component<T>> find(ComponentKind<T> kind, String name) {
		return Optional.ofNullable((Component<T>) this.byName.get(new Key(kind.name(), name)));
	}

	@Override
	public Registration onEvent(Consumer<ComponentEvent> listener) {
		ListenerQueue queue = new ListenerQueue(listener, this.events);
		this.listeners.add(queue);
		return () -> {
			this.listeners.remove(queue);
			queue.close();
		};
	}

	@SuppressWarnings("unchecked")
	private <T> List<Component<T>> list(ComponentKind<T> kind) {
		List<Component<T>> list = new ArrayList<>();
		for (Component<?> component : this.components) {
			if (component.kind().name().equals(kind.name())) {
				list.add((Component<T>) component);
			}
		}
		return list;
	}

	/**
	 * Whether a component has an identifier.
	 */
	boolean hasId(String id) {
		return this.ids.contains(id);
	}

	boolean contains(Component<?> component) {
		return component.equals(this.byName.get(Key.of(component)));
	}

	/**
	 * Add a component, and tell the listeners.
	 * @param component the component
	 */
	public void add(Component<?> component) {
		List<Component<?>> next = new ArrayList<>(this.components);
		int place = Collections.binarySearch(next, component, ORDER);
		next.add((place < 0) ? -place - 1 : place, component);
		this.byName.put(Key.of(component), component);
		this.ids.add(component.id());
		this.components = List.copyOf(next);
		publish(new ComponentEvent(ComponentEvent.Change.ADDED, component, component.status()));
	}

	/**
	 * Remove a component until it returns, and tell the listeners.
	 */
	void remove(Component<?> component) {
		List<Component<?>> next = new ArrayList<>(this.components);
		next.remove(component);
		this.byName.remove(Key.of(component), component);
		this.ids.remove(component.id());
		this.components = List.copyOf(next);
		publish(new ComponentEvent(ComponentEvent.Change.REMOVED, component, component.status()));
	}

	/**
	 * Tell the listeners.
	 */
	void publish(ComponentEvent event) {
		this.listeners.forEach((listener) -> listener.add(event));
	}

	/**
	 * Identifies a component.
	 *
	 * @param kind name of the kind
	 * @param name name of the component
	 */
	private record Key(String kind, String name) {

		static Key of(Component<?> component) {
			return new Key(component.kind().name(), component.name());
		}

	}

	/**
	 * The components of one kind.
	 */
	private final class KindView<T> implements Components<T> {

		private final ComponentKind<T> kind;

		KindView(ComponentKind<T> kind) {
			this.kind = kind;
		}

		@Override
		public List<Component<T>> list() {
			return List.copyOf(HostRegistry.this.list(this.kind));
		}

		@Override
		public Optional<T> find(String name) {
			return HostRegistry.this.find(this.kind, name).map(Component::instance);
		}

		@Override
		public T get(String name) {
			return find(name).orElseThrow(() -> new NoSuchElementException("There is no " + this.kind.name()
					+ " component '" + name + "'; there are " + list().stream().map(Component::name).toList()));
		}

		@Override
		public Iterator<T> iterator() {
			return stream().map(Component::instance).iterator();
		}

		@Override
		public Registration onEvent(Consumer<ComponentEvent> listener) {
			return HostRegistry.this.onEvent((event) -> {
				if (event.component().kind().name().equals(this.kind.name())) {
					listener.accept(event);
				}
			});
		}

	}

}
