package dev.pluggable.internal.endpoint;

import dev.pluggable.Component;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservableKind;
import org.jspecify.annotations.Nullable;

/**
 * The part of a component that never changes.
 *
 * @param <T> the kind's interface
 */
public abstract class AbstractComponent<T> implements Component<T> {

	private final ComponentKind<T> kind;

	private final ComponentContext context;

	private final boolean declared;

	private final boolean required;

	/**
	 * Create a component.
	 * @param kind the kind
	 * @param context name, type and settings, without values from secret stores
	 * @param declared whether the application declared the component
	 * @param required whether the application needs the component
	 */
	protected AbstractComponent(ComponentKind<T> kind, ComponentContext context, boolean declared, boolean required) {
		this.kind = kind;
		this.context = context;
		this.declared = declared;
		this.required = required;
	}

	/**
	 * Make the instance that the application injects.
	 * @param instance the proxy or the built-in instance
	 * @param listener hears of messages, {@code null} if nobody listens
	 * @return the instance
	 */
	protected final T injectable(T instance, @Nullable MessageListener listener) {
		T decorated = this.kind.decorate(instance, this.context);
		return (listener != null && this.kind instanceof ObservableKind<T> observable)
				? observable.observe(decorated, this.context, listener) : decorated;
	}

	@Override
	public final String name() {
		return this.context.name();
	}

	@Override
	public final ComponentKind<T> kind() {
		return this.kind;
	}

	@Override
	public final ComponentType type() {
		return this.context.type();
	}

	@Override
	public final boolean declared() {
		return this.declared;
	}

	@Override
	public final boolean required() {
		return this.required;
	}

	@Override
	public @Nullable String endpoint() {
		return null;
	}

	/**
	 * Name, type and settings of the component, without values from secret stores.
	 * @return the context
	 */
	protected final ComponentContext context() {
		return this.context;
	}

	@Override
	public final String toString() {
		return this.kind.name() + " component '" + name() + "' (" + type() + ")";
	}

}
