package dev.pluggable.bindings;

import dev.pluggable.Draining;
import dev.pluggable.Registration;
import dev.pluggable.stream.StreamStatus;

/**
 * The events of an input binding that are being handled. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface Reading extends Registration, Draining {

	/**
	 * The status of the reading.
	 * @return a consistent snapshot
	 */
	StreamStatus status();

	/**
	 * End the reading: take no more events, and wait until those that are being handled
	 * are answered, for at most the grace of the request. On a thread that handles an
	 * event of this reading, the method does not wait. Closing a reading again has no
	 * effect.
	 */
	@Override
	void close();

}
