package dev.pluggable.secrets;

import java.util.Map;
import java.util.Set;

import dev.pluggable.PluggableException;

/**
 * Reads secrets by name. An application injects it, and the author of a component
 * implements it. Safe for use by many threads. All methods throw a
 * {@link PluggableException} if the store cannot do what is asked; no exception contains
 * a value.
 *
 * @see SecretFeatures
 * @since 0.1.0
 */
public interface SecretStore {

	/**
	 * Read a secret.
	 * @param request the name of the secret and how to read it
	 * @return the secret
	 * @throws SecretNotFoundException if there is none of that name, as far as the store
	 * tells it from other failures
	 */
	Secret get(GetSecretRequest request);

	/**
	 * Read a secret with nothing else specified.
	 * @param name name of the secret, not empty
	 * @return the secret
	 * @see #get(GetSecretRequest)
	 */
	default Secret get(String name) {
		return get(GetSecretRequest.of(name));
	}

	/**
	 * Read all secrets that the application may see.
	 * @param metadata hints for this request only
	 * @return secrets by their names
	 */
	Map<String, Secret> bulkGet(Map<String, String> metadata);

	/**
	 * Read all secrets that the application may see, with nothing else specified.
	 * @return secrets by their names
	 */
	default Map<String, Secret> bulkGet() {
		return bulkGet(Map.of());
	}

	/**
	 * What the store can do beyond reading secrets.
	 * @return names, exactly as the store spells them
	 */
	Set<String> features();

	/**
	 * Check that the store is well. If this method is not implemented, it always is.
	 */
	default void ping() {
	}

}
