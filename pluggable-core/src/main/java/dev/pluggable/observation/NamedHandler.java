package dev.pluggable.observation;

/**
 * A handler of messages or events that has a name, by which an observation tells it from
 * other handlers.
 *
 * @since 0.1.0
 */
public interface NamedHandler {

	/**
	 * The name of the handler.
	 * @return one of few names, such as that of the method
	 */
	String handlerName();

}
