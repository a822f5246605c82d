package dev.pluggable.spring.listener;

import java.util.List;
import java.util.Optional;

/**
 * The listener methods of an application. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface ListenerRegistry {

	/**
	 * All listeners and how they are at this moment.
	 * @return an immutable snapshot, ordered by id
	 */
	List<ListenerStatus> listeners();

	/**
	 * Find the current status of one listener.
	 * @param id id of the listener
	 * @return its status, empty if there is no such listener
	 */
	Optional<ListenerStatus> find(String id);

	/**
	 * Let a listener take messages. If it does already, nothing is done. If its component
	 * does not exist, it begins when the component comes.
	 * @param id id of the listener
	 * @throws java.util.NoSuchElementException if there is no such listener
	 */
	void start(String id);

	/**
	 * Let a listener take no more messages, and wait until those that it is handling are
	 * done with, at most for its grace. On a thread of this listener the method does not
	 * wait. If it takes none already, nothing is done.
	 * @param id id of the listener
	 * @throws java.util.NoSuchElementException if there is no such listener
	 */
	void stop(String id);

}
