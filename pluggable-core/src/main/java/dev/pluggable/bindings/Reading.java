package dev.pluggable.bindings;

import dev.pluggable.Draining;
import dev.pluggable.Registration;
import dev.pluggable.stream.StreamStatus;

/**
 * An input binding whose events are being handled. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface Reading extends Registration, Draining {

	/**
	 * What is known of the reading now.
	 * @return a consistent snapshot
	 */
	StreamStatus status();

	/**
	 * End the reading: ask for no more events, and wait until those that are being
	 * handled are answered, at most for the grace of the request. If it has ended
	 * already, nothing is done. On a thread that handles an event of this reading, the
	 * method does not wait.
	 */
	@Override
	void close();

}
