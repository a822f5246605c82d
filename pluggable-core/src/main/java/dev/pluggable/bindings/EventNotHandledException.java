package dev.pluggable.bindings;

import dev.pluggable.PluggableException;

/**
 * What a served input binding is told of an event that the other process did not handle:
 * its handler failed, or the stream ended before its answer. The event should be given
 * again.
 *
 * @since 0.1.0
 */
public class EventNotHandledException extends PluggableException {

	private static final long serialVersionUID = 1L;

	EventNotHandledException(String message) {
		super(message, (Throwable) null);
	}

}
