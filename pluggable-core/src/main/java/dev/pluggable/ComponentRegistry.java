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
	 * The kinds of this application.
	 * @return the kinds, ordered by name
	 */
	List<ComponentKind<?>> kinds();

	/**
	 * All components, ordered by kind and name.
	 * @return an immutable snapshot
	 */
	List<Component<?>> components();

	/**
	 * The live view of the components of one kind.
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
	 * @return the component, empty if there is none with this name now
	 */
	<T> Optional<Component<T>> find(ComponentKind<T> kind, String name);

	/**
	 * Register a listener for the changes of all components. It receives the events in
	 * order on a thread of the host, which logs the exceptions of the listener.
	 * @param listener receives each event
	 * @return the registration; closing it ends the calls of the listener
	 */
	Registration onEvent(Consumer<ComponentEvent> listener);

}
