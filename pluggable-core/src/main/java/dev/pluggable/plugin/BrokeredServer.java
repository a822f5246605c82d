package dev.pluggable.plugin;

/**
 * A server of the application for one process of a plugin. The server ends at the latest
 * with the process. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface BrokeredServer extends AutoCloseable {

	/**
	 * Id by which the plugin dials this server, once, within 5 seconds.
	 * @return the id, from 1
	 */
	int id();

	/**
	 * End the server: cancel the calls in flight and delete the socket. Does not block. A
	 * second call does nothing.
	 */
	@Override
	void close();

}
