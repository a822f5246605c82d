package dev.pluggable.spring.listener;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import dev.pluggable.Component;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ComponentType;
import dev.pluggable.Components;
import dev.pluggable.ProbeResult;
import dev.pluggable.Registration;
import dev.pluggable.fixtures.UncalledKind;
import org.jspecify.annotations.Nullable;

/**
 * A registry to which a test adds components and from which a test removes components.
 */
public class FakeRegistry implements ComponentRegistry {

	public final List<Consumer<ComponentEvent>> listeners = new CopyOnWriteArrayList<>();

	private final List<Component<?>> components = new CopyOnWriteArrayList<>();

	public <T> Component<T> add(String name, String kind, Class<T> type, T instance, boolean declared) {
		FakeComponent<T> component = new FakeComponent<>(name, new FakeKind<>(kind, type), instance, declared);
		add(component);
		return component;
	}

	public void add(Component<?> component) {
		this.components.add(component);
		publish(ComponentEvent.Change.ADDED, component);
	}

	public void remove(Component<?> component) {
		this.components.remove(component);
		publish(ComponentEvent.Change.REMOVED, component);
	}

	private void publish(ComponentEvent.Change change, Component<?> component) {
		this.listeners
			.forEach((listener) -> listener.accept(new ComponentEvent(change, component, component.status())));
	}

	@Override
	public List<ComponentKind<?>> kinds() {
		return List.of();
	}

	@Override
	public List<Component<?>> components() {
		return List.copyOf(this.components);
	}

	@Override
	public <T> Components<T> components(ComponentKind<T> kind) {
		throw new UnsupportedOperationException();
	}

	@Override
	public <T> Optional<Component<T>> find(ComponentKind<T> kind, String name) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Registration onEvent(Consumer<ComponentEvent> listener) {
		this.listeners.add(listener);
		return () -> this.listeners.remove(listener);
	}

	private record FakeComponent<T>(String name, ComponentKind<T> kind, T instance,
			boolean declared) implements Component<T> {

		@Override
		public ComponentType type() {
			return new ComponentType(this.kind.name(), "fake");
		}

		@Override
		public ComponentStatus status() {
			return new ComponentStatus(ComponentState.READY, null, Set.of(), 1,
					new ProbeResult(ProbeResult.Health.UP, null, null), Instant.EPOCH);
		}

		@Override
		public @Nullable String endpoint() {
			return "fake";
		}

		@Override
		public boolean required() {
			return false;
		}

	}

	private record FakeKind<T>(String name, Class<T> type) implements UncalledKind<T> {

		@Override
		public List<String> services() {
			return List.of("fake");
		}

		@Override
		public Map<String, dev.pluggable.ComponentFactory<T>> builtIns() {
			return Map.of();
		}

	}

}
