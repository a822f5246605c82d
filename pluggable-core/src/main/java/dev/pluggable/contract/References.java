package dev.pluggable.contract;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Turns the objects that a message hands over into ids of go-plugin's broker. An
 * implementation of the application is served, a host service is offered, and calls to a
 * proxy are forwarded to its component or object, of the same plugin or of another one.
 * Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface References {

	/**
	 * Hand over an object.
	 * @param <T> the interface of the object
	 * @param field name of the field, for messages
	 * @param object the object, {@code null} for none
	 * @param kind the kind of the object
	 * @return the id to send, 0 for no object
	 * @throws dev.pluggable.plugin.PluginException if the object cannot be handed over
	 */
	default <T extends ContractObject> int id(String field, @Nullable T object, ContractKind<T> kind) {
		return id(field, object, kind, 0);
	}

	/**
	 * Hand over an object under an id that the plugin demands.
	 * @param <T> the interface of the object
	 * @param field name of the field, for messages
	 * @param object the object, {@code null} for none
	 * @param kind the kind of the object
	 * @param id the id, 0 for any id
	 * @return the id to send, 0 for no object
	 * @throws dev.pluggable.plugin.PluginException if the object cannot be handed over,
	 * such as because the id is taken
	 */
	<T extends ContractObject> int id(String field, @Nullable T object, ContractKind<T> kind, int id);

	/**
	 * Hand over several objects.
	 * @param <T> the interface of the objects
	 * @param field name of the field, for messages
	 * @param objects the objects
	 * @param kind the kind of the objects
	 * @return the ids to send, in the same order
	 * @throws dev.pluggable.plugin.PluginException if an object cannot be handed over
	 */
	default <T extends ContractObject> List<Integer> ids(String field, List<? extends T> objects,
			ContractKind<T> kind) {
		return objects.stream().<Integer>map((object) -> id(field, object, kind)).toList();
	}

}
