package dev.pluggable.hello;

import dev.pluggable.PluggableException;

/**
 * Says hello, like Layotto's example of a component. An application injects this
 * interface, and the author of a component implements it. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface Hello {

	/**
	 * Say hello.
	 * @param name name of the person to greet, may be empty
	 * @return the greeting
	 * @throws PluggableException if the component cannot carry out the operation
	 */
	String sayHello(String name);

}
