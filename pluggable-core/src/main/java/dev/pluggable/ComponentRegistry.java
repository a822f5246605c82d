package dev.pluggable;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All components of an application, of every kind. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface ComponentRegistry {

	/**
	 * The kinds that this application knows.
	 * @return the kinds, in the order of their names
	 */
	List<ComponentKind<?>> kinds();

	/**
	 * All components at this moment, ordered by kind and name.
	 * @return an immutable snapshot
	 */
	List<Component<?>> components();

	/**
	 * Live view of the components of one kind.
	 * @param <T> the kind's interface
	 * @param kind the kind
	 * @return the view
	 */
	<T> Components<T> components(ComponentKind<T> kind);

	/**
	 * Find a component.
	 * @param <T> the kind's interface
	 * @param kind the kind
	 * @param name name of the component
	 * @return the component, empty if there is none of that name now
	 */
	<T> Optional<Component<T>> find(ComponentKind<T> kind, String name);

	/**
	 * Be told of each arrival, departure and change of state, in order, on a thread of
	 * the host. What the listener throws is logged.
	 * @param listener called for each event
	 * @return closing it ends the notifications
	 */
	Registration onEvent(Consumer<ComponentEvent> listener);

}
