package dev.pluggable.bindings;

import dev.pluggable.PluggableException;

/**
 * Brings in what happens in another system. An application injects it, and the author of
 * a component implements it. Safe for use by many threads.
 * <p>
 * Delivery is at least once, as far as the component gives an event again that was not
 * answered. All methods throw a {@link PluggableException} if the component cannot do
 * what is asked.
 *
 * @since 0.1.0
 */
public interface InputBinding {

	/**
	 * Have events handled from now on, whatever becomes of the process behind the
	 * component meanwhile: the stream is made anew on each generation. It begins when the
	 * component is ready; if it is not there yet, the method returns all the same.
	 * @param request how events are to be handled
	 * @param handler handles each event
	 * @return the reading; closing it ends it in order
	 */
	Reading read(ReadRequest request, BindingHandler handler);

	/**
	 * Have events handled with nothing else specified.
	 * @param handler handles each event
	 * @return the reading; closing it ends it in order
	 */
	default Reading read(BindingHandler handler) {
		return read(ReadRequest.defaults(), handler);
	}

	/**
	 * Check that the component is well. If this method is not implemented, it always is.
	 */
	default void ping() {
	}

}
