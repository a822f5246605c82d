package dev.pluggable.observation;

import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentKind;

/**
 * A kind whose components bring messages or events to the application, or take them from
 * the application.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public interface ObservableKind<T> extends ComponentKind<T> {

	/**
	 * Wrap the instance that an application injects so that a listener hears of messages.
	 * Called only if somebody listens.
	 * @param instance the instance, as {@link #decorate} has returned it
	 * @param context name, type and settings of the component; secrets are not filled in
	 * @param listener hears of messages
	 * @return the instance to inject
	 */
	T observe(T instance, ComponentContext context, MessageListener listener);

}
