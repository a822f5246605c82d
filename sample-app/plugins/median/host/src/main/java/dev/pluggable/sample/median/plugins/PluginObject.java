package dev.pluggable.sample.median.plugins;

import dev.pluggable.ComponentClient;
import dev.pluggable.remote.RemoteObjectStatus;

/**
 * An object that a plugin creates for the application. The Java object exists at once;
 * the plugin creates its side in the background. The Java object stays the same when the
 * plugin's process is replaced. Until the plugin has created its side, calls wait for the
 * component's wait-for-ready time and then fail with a
 * {@link dev.pluggable.ComponentUnavailableException}. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface PluginObject extends AutoCloseable {

	/**
	 * The client of this object, for creating further objects with it or for handing it
	 * on to another plugin.
	 * @return the client
	 */
	ComponentClient client();

	/**
	 * The current status.
	 * @return a consistent snapshot
	 */
	RemoteObjectStatus status();

	/**
	 * Close this object, here and in the plugin, with all objects that it created. Does
	 * nothing if the plugin has no such object, and throws nothing.
	 */
	@Override
	void close();

}
