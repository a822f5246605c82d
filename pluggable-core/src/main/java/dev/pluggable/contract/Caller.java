package dev.pluggable.contract;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The process of the plugin whose call an implementation answers. Objects that the answer
 * hands over are served as long as the process lives. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface Caller extends References {

	/**
	 * Connect to an object that the plugin hands over. The object can be called until its
	 * process ends or the object is closed. It is not created again. Blocks until the
	 * plugin has announced the object, for at most 5 seconds.
	 * @param <T> the interface of the object
	 * @param field name of the field, for messages
	 * @param id the id that the plugin has sent
	 * @param kind the kind of the object
	 * @return a proxy, {@code null} if the id is 0
	 * @throws dev.pluggable.plugin.PluginException if the plugin does not announce the
	 * object, or if the call does not come from a plugin
	 */
	<T extends ContractObject> @Nullable T object(String field, int id, ContractKind<T> kind);

	/**
	 * Connect to several objects that the plugin hands over, as {@link #object} does.
	 * @param <T> the interface of the objects
	 * @param field name of the field, for messages
	 * @param ids the ids that the plugin has sent; those that are 0 are left out
	 * @param kind the kind of the objects
	 * @return proxies in the same order
	 * @throws dev.pluggable.plugin.PluginException if the plugin does not announce an
	 * object, or if the call does not come from a plugin
	 */
	default <T extends ContractObject> List<T> objects(String field, List<Integer> ids, ContractKind<T> kind) {
		List<T> objects = new ArrayList<>();
		for (Integer id : ids) {
			T object = object(field, id, kind);
			if (object != null) {
				objects.add(object);
			}
		}
		return List.copyOf(objects);
	}

}
