package dev.pluggable.hello;

import dev.pluggable.PluggableException;

/**
 * Says hello: Layotto's example of a component. An application injects it, and the author
 * of a component implements it. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface Hello {

	/**
	 * Say hello.
	 * @param name to whom, may be empty
	 * @return the greeting
	 * @throws PluggableException if the component cannot
	 */
	String sayHello(String name);

}
