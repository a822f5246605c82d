package dev.pluggable;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The live view of all components of one kind, for code that handles components which
 * come and go. It contains components that are not ready, but no component whose socket
 * was removed. Safe for use by many threads.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public interface Components<T> extends Iterable<T> {

	/**
	 * All components of the kind, ordered by name.
	 * @return an immutable snapshot
	 */
	List<Component<T>> list();

	/**
	 * Find a component by its name.
	 * @param name name of the component
	 * @return the object to call, empty if there is no component with this name now
	 */
	Optional<T> find(String name);

	/**
	 * Get a component by its name.
	 * @param name name of the component
	 * @return the object to call
	 * @throws java.util.NoSuchElementException if there is no component with this name
	 * now; the message contains the names of all components
	 */
	T get(String name);

	/**
	 * All components of the kind.
	 * @return a stream over a snapshot
	 */
	default Stream<Component<T>> stream() {
		return list().stream();
	}

	/**
	 * Register a listener for the changes of this kind's components. It receives the
	 * events in order on a thread of the host, which logs the exceptions of the listener.
	 * @param listener receives each event
	 * @return the registration; closing it ends the calls of the listener
	 */
	Registration onEvent(Consumer<ComponentEvent> listener);

}
