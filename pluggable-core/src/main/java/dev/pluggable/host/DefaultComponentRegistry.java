package dev.pluggable.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import dev.pluggable.Component;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.Components;
import dev.pluggable.Registration;

/**
 * The registry: an immutable list that is replaced at each change. Changed by one thread
 * at a time.
 */
final class DefaultComponentRegistry implements ComponentRegistry {

	private static final Comparator<Component<?>> ORDER = Comparator
		.comparing((Component<?> component) -> component.kind().name())
		.thenComparing(Component::name);

	private final List<ComponentKind<?>> kinds;

	private final Executor events;

	private final List<ListenerQueue> listeners = new CopyOnWriteArrayList<>();

	private volatile List<Component<?>> components = List.of();

	/**
	 * An empty registry.
	 * @param kinds the kinds
	 * @param events calls the listeners, each on a thread of its own
	 */
	DefaultComponentRegistry(List<ComponentKind<?>> kinds, Executor events) {
		this.kinds = kinds.stream()
			.sorted(Comparator.<ComponentKind<?>, String>comparing(ComponentKind::name))
			.toList();
		this.events = events;
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
	public <T> Optional<Component<T>> find(ComponentKind<T> kind, String name) {
		return list(kind).stream().filter((component) -> component.name().equals(name)).findFirst();
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

	boolean contains(Component<?> component) {
		return this.components.contains(component);
	}

	void add(Component<?> component) {
		List<Component<?>> next = new ArrayList<>(this.components);
		next.add(component);
		next.sort(ORDER);
		this.components = List.copyOf(next);
		publish(new ComponentEvent(ComponentEvent.Change.ADDED, component, component.status()));
	}

	void remove(Component<?> component) {
		List<Component<?>> next = new ArrayList<>(this.components);
		next.remove(component);
		this.components = List.copyOf(next);
		publish(new ComponentEvent(ComponentEvent.Change.REMOVED, component, component.status()));
	}

	void publish(ComponentEvent event) {
		this.listeners.forEach((listener) -> listener.add(event));
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
			return List.copyOf(DefaultComponentRegistry.this.list(this.kind));
		}

		@Override
		public Optional<T> find(String name) {
			return DefaultComponentRegistry.this.find(this.kind, name).map(Component::instance);
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
			return DefaultComponentRegistry.this.onEvent((event) -> {
				if (event.component().kind().name().equals(this.kind.name())) {
					listener.accept(event);
				}
			});
		}

	}

}
