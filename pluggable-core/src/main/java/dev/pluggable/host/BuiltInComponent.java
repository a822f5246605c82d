package dev.pluggable.host;

import java.time.Instant;
import java.util.Map;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.Component;
import dev.pluggable.ComponentContext;
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

	private final T owned;

	private final T instance;

	private final ComponentStatus status;

	private BuiltInComponent(ComponentKind<T> kind, ComponentContext context, boolean declared, boolean required,
			T owned) {
		this.name = context.name();
		this.kind = kind;
		this.type = context.type();
		this.declared = declared;
		this.required = required;
		this.owned = owned;
		this.instance = kind.decorate(owned, context);
		this.status = new ComponentStatus(ComponentState.READY, null, kind.features(owned), 0,
				new ProbeResult(ProbeResult.Health.UP, "built in", Instant.now()), Instant.now());
	}

	/**
	 * Make a component that was declared.
	 * @throws ComponentInitializationException if it cannot be made
	 */
	static <T> BuiltInComponent<T> declared(ComponentKind<T> kind, ComponentFactory<? extends T> factory,
			ComponentContext context, boolean required) {
		return new BuiltInComponent<>(kind, context, true, required, create(factory, context));
	}

	/**
	 * Make the component that an application gets without any configuration.
	 */
	static <T> @Nullable BuiltInComponent<T> fallback(ComponentKind<T> kind, ApplicationIdentity application) {
		ComponentFactory<T> factory = kind.builtIns().get(ComponentKind.IN_MEMORY);
		if (factory == null) {
			return null;
		}
		ComponentType type = new ComponentType(kind.typePrefix(), ComponentKind.IN_MEMORY);
		ComponentContext context = new ComponentContext(ComponentKind.IN_MEMORY, type, Map.of(), application);
		return new BuiltInComponent<>(kind, context, false, false, create(factory, context));
	}

	private static <T> T create(ComponentFactory<? extends T> factory, ComponentContext context) {
		try {
			return factory.create(context.name(), context.metadata());
		}
		catch (Exception ex) {
			throw new ComponentInitializationException("Component '" + context.name() + "' of type '" + context.type()
					+ "' cannot be made: " + ex.getMessage(), ex);
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

	/**
	 * What the factory made, and so has to be closed.
	 */
	T owned() {
		return this.owned;
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
