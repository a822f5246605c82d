package dev.pluggable;

import java.util.concurrent.Executor;

/**
 * A generation on which a component is being initialised. Its channel adds the name of
 * the component to the headers and the init timeout as deadline to each call. Safe for
 * use by many threads.
 *
 * @since 0.1.0
 */
public interface InitializingGeneration extends ComponentGeneration {

	/**
	 * The executor for work that may block.
	 * @return the executor, which all components share
	 */
	Executor executor();

	/**
	 * Close something when the generation or this initialisation ends: when the
	 * connection is lost, when the initialisation fails, and when nobody waits for it any
	 * more. What is served to the process of a plugin also ends with the process.
	 * @param resource is closed once, at once if the end was before; must not block
	 */
	void closeWith(Registration resource);

}
