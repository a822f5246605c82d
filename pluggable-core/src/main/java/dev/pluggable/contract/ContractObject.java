package dev.pluggable.contract;

import dev.pluggable.ComponentClient;

/**
 * The base of all generated interfaces. An object is either a proxy, which calls a
 * component, an object in a plugin, or an object that a plugin has handed over; or it is
 * an implementation of the application.
 *
 * @since 0.1.0
 */
public interface ContractObject extends AutoCloseable {

	/**
	 * The client through which a proxy makes its calls. The client of an object that a
	 * call has created is a {@link dev.pluggable.remote.RemoteObject}, which knows its
	 * status.
	 * @return the client
	 * @throws UnsupportedOperationException if this object is an implementation of the
	 * application
	 */
	default ComponentClient client() {
		throw new UnsupportedOperationException("This object is an implementation and no proxy: " + this);
	}

	/**
	 * End the use of the object. The plugin hears of the end if the contract has a method
	 * for that. Then the connection of the object closes. Blocks for at most 2 seconds
	 * and throws nothing if the plugin does not answer. A component only hears of the
	 * end, and an implementation of the application does nothing unless it overrides this
	 * method.
	 */
	@Override
	default void close() {
	}

}
