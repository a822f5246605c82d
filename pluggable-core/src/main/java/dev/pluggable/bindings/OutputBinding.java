package dev.pluggable.bindings;

import java.util.Set;

import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;

/**
 * Does something in another system. An application injects it, and the author of a
 * component implements it. Safe for use by many threads. All methods throw a
 * {@link PluggableException} if the component cannot do what is asked.
 *
 * @see BindingOperations
 * @since 0.1.0
 */
public interface OutputBinding {

	/**
	 * Do something.
	 * @param request the operation, the data and what belongs to it
	 * @return the answer
	 * @throws UnsupportedOperationByComponentException if it is not one of
	 * {@link #operations()}; then nothing was sent
	 */
	InvokeResponse invoke(InvokeRequest request);

	/**
	 * Do something with nothing else specified.
	 * @param operation one of {@link #operations()}
	 * @param data the data, may be empty; not copied
	 * @return the answer
	 * @see #invoke(InvokeRequest)
	 */
	default InvokeResponse invoke(String operation, byte[] data) {
		return invoke(InvokeRequest.of(operation, data));
	}

	/**
	 * What the component can do.
	 * @return names of operations, exactly as the component spells them
	 */
	Set<String> operations();

	/**
	 * Check that the component is well. If this method is not implemented, it always is.
	 */
	default void ping() {
	}

}
