package dev.pluggable.bindings;

import java.util.Set;

import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;

/**
 * Invokes operations of another system. An application injects this interface, and the
 * author of a component implements it. Safe for use by many threads. All methods throw a
 * {@link PluggableException} if the component cannot carry out the operation.
 *
 * @see BindingOperations
 * @since 0.1.0
 */
public interface OutputBinding {

	/**
	 * Invoke an operation.
	 * @param request the operation, the data and its metadata
	 * @return the response
	 * @throws UnsupportedOperationByComponentException if the operation is not one of
	 * {@link #operations()}; the request was then not sent
	 */
	InvokeResponse invoke(InvokeRequest request);

	/**
	 * Invoke an operation without metadata.
	 * @param operation one of {@link #operations()}
	 * @param data the data, may be empty; not copied
	 * @return the response
	 * @see #invoke(InvokeRequest)
	 */
	default InvokeResponse invoke(String operation, byte[] data) {
		return invoke(InvokeRequest.of(operation, data));
	}

	/**
	 * The operations of the component.
	 * @return names, exactly as the component spells them
	 */
	Set<String> operations();

	/**
	 * Check the health of the component. Unless overridden, the component is always
	 * healthy.
	 */
	default void ping() {
	}

}
