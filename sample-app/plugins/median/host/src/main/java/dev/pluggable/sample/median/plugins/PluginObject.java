package dev.pluggable.sample.median.plugins;

import dev.pluggable.ComponentClient;
import dev.pluggable.remote.RemoteObjectStatus;

/**
 * Something that a plugin has created for the application. It is made at once and comes
 * to be in the plugin in the background; it stays the same one when the plugin's process
 * is replaced. Until it is there, calls wait for as long as the component may take to be
 * ready, and then fail with a {@link dev.pluggable.ComponentUnavailableException}. Safe
 * for use by many threads.
 *
 * @since 0.1.0
 */
public interface PluginObject extends AutoCloseable {

	/**
	 * The way to it, for creating something with it or for handing it on.
	 * @return the way
	 */
	ComponentClient client();

	/**
	 * What is known of it now.
	 * @return a consistent snapshot
	 */
	RemoteObjectStatus status();

	/**
	 * Close it, here and in the plugin, with all that it has created. Does nothing to
	 * what is not there, and does not throw.
	 */
	@Override
	void close();

}
