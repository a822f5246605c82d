package dev.pluggable.host;

import java.time.Instant;
import java.util.Map;

import dev.pluggable.Component;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentInitializationException;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ComponentType;
import dev.pluggable.ProbeResult;
import org.jspecify.annotations.Nullable;

/**
 * A component inside this process.
 */
final class BuiltInComponent<T> implements Component<T> {

	private final String name;

	private final ComponentKind<T> kind;

	private final ComponentType type;

	private final boolean declared;

	private final boolean required;

	private final T instance;

	private final ComponentStatus status;

	private BuiltInComponent(String name, ComponentKind<T> kind, ComponentType type, boolean declared, boolean required,
			T instance) {
		this.name = name;
		this.kind = kind;
		this.type = type;
		this.declared = declared;
		this.required = required;
		this.instance = instance;
		this.status = new ComponentStatus(ComponentState.READY, null, kind.features(instance), 0,
				new ProbeResult(ProbeResult.Health.UP, "built in", Instant.now()), Instant.now());
	}

	/**
	 * Make a component that was declared.
	 * @throws ComponentInitializationException if it cannot be made
	 */
	static <T> BuiltInComponent<T> declared(ComponentKind<T> kind, ComponentFactory<T> factory,
			ComponentDeclaration declaration) {
		return new BuiltInComponent<>(declaration.name(), kind, declaration.type(), true, declaration.required(),
				create(factory, declaration.name(), declaration.type(), declaration.metadata()));
	}

	/**
	 * Make the component that an application gets without any configuration.
	 */
	static <T> @Nullable BuiltInComponent<T> fallback(ComponentKind<T> kind) {
		ComponentFactory<T> factory = kind.builtIns().get(ComponentKind.IN_MEMORY);
		if (factory == null) {
			return null;
		}
		ComponentType type = new ComponentType(kind.name(), ComponentKind.IN_MEMORY);
		return new BuiltInComponent<>(ComponentKind.IN_MEMORY, kind, type, false, false,
				create(factory, ComponentKind.IN_MEMORY, type, Map.of()));
	}

	private static <T> T create(ComponentFactory<T> factory, String name, ComponentType type,
			Map<String, String> metadata) {
		try {
			return factory.create(name, metadata);
		}
		catch (Exception ex) {
			throw new ComponentInitializationException(
					"Component '" + name + "' of type '" + type + "' cannot be made: " + ex.getMessage(), ex);
		}
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public ComponentKind<T> kind() {
		return this.kind;
	}

	@Override
	public ComponentType type() {
		return this.type;
	}

	@Override
	public T instance() {
		return this.instance;
	}

	@Override
	public ComponentStatus status() {
		return this.status;
	}

	@Override
	public @Nullable String endpoint() {
		return null;
	}

	@Override
	public boolean declared() {
		return this.declared;
	}

	@Override
	public boolean required() {
		return this.required;
	}

	@Override
	public String toString() {
		return this.kind.name() + " component '" + this.name + "' (" + this.type + ")";
	}

}
