package dev.pluggable.spring.listener;

import java.util.List;
import java.util.Optional;

/**
 * Reports, starts and stops the listener methods of an application. Safe for use by many
 * threads.
 *
 * @since 0.1.0
 */
public interface ListenerRegistry {

	/**
	 * Return the status of all listeners.
	 * @return an immutable snapshot, ordered by id
	 */
	List<ListenerStatus> listeners();

	/**
	 * Return the status of one listener.
	 * @param id id of the listener
	 * @return the status, empty if there is no such listener
	 */
	Optional<ListenerStatus> find(String id);

	/**
	 * Start a listener. The method has no effect on a running listener. If the component
	 * does not exist, the listener starts to take messages when the component appears.
	 * @param id id of the listener
	 * @throws java.util.NoSuchElementException if there is no such listener
	 */
	void start(String id);

	/**
	 * Stop a listener. The listener takes no more messages, and the method waits until no
	 * handler is running, at most for the grace period of the listener. The method does
	 * not wait if a handler of this listener calls the method. The method has no effect
	 * on a stopped listener.
	 * @param id id of the listener
	 * @throws java.util.NoSuchElementException if there is no such listener
	 */
	void stop(String id);

}
