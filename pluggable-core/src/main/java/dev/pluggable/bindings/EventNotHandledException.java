package dev.pluggable.bindings;

import dev.pluggable.PluggableException;

/**
 * The other process did not handle an event of a served input binding: the handler
 * failed, or the stream ended before the answer. The binding should deliver the event
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
