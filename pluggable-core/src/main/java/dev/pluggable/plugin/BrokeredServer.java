package dev.pluggable.plugin;

/**
 * What the application serves to one process of a plugin. It ends with the process at the
 * latest.
 *
 * @since 0.1.0
 */
public interface BrokeredServer extends AutoCloseable {

	/**
	 * The number by which the plugin can dial it, once, within 5 s.
	 * @return the number, from 1
	 */
	int id();

	/**
	 * End it: calls under way are cancelled, the socket is removed. Again does nothing.
	 * Does not block.
	 */
	@Override
	void close();

}
