package dev.pluggable;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Live view of all components of one kind, for code that must see them come and go.
 * Components that are not ready are included; one whose socket is gone for good is not.
 * Safe for use by many threads.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public interface Components<T> extends Iterable<T> {

	/**
	 * All components of the kind at this moment, ordered by name.
	 * @return an immutable snapshot
	 */
	List<Component<T>> list();

	/**
	 * Find a component by its name.
	 * @param name name of the component
	 * @return the object to call, empty if there is no such component now
	 */
	Optional<T> find(String name);

	/**
	 * Get a component by its name.
	 * @param name name of the component
	 * @return the object to call
	 * @throws java.util.NoSuchElementException if there is no such component now; the
	 * message names those that there are
	 */
	T get(String name);

	/**
	 * All components of the kind at this moment.
	 * @return a stream over a snapshot
	 */
	default Stream<Component<T>> stream() {
		return list().stream();
	}

	/**
	 * Be told of each arrival, departure and change of state, in order, on a thread of
	 * the host. What the listener throws is logged.
	 * @param listener called for each event of this kind
	 * @return closing it ends the notifications
	 */
	Registration onEvent(Consumer<ComponentEvent> listener);

}
