package dev.pluggable.bindings;

import dev.pluggable.PluggableException;

/**
 * Reads events from another system. An application injects this interface, and the author
 * of a component implements it. Safe for use by many threads.
 * <p>
 * Events are delivered at least once if the component delivers an event without an answer
 * again. All methods throw a {@link PluggableException} if the component cannot carry out
 * the operation.
 *
 * @since 0.1.0
 */
public interface InputBinding {

	/**
	 * Deliver events to a handler. The reading is renewed on each generation of the
	 * component. The method does not wait until the component is ready: the reading
	 * begins at that moment.
	 * @param request limits for the handling of events
	 * @param handler handles each event
	 * @return the reading; closing it ends it in order
	 */
	Reading read(ReadRequest request, BindingHandler handler);

	/**
	 * Deliver events to a handler, with default limits.
	 * @param handler handles each event
	 * @return the reading; closing it ends it in order
	 */
	default Reading read(BindingHandler handler) {
		return read(ReadRequest.defaults(), handler);
	}

	/**
	 * Check the health of the component. Unless overridden, the component is always
	 * healthy.
	 */
	default void ping() {
	}

}
