package dev.pluggable.secrets;

import java.util.Map;
import java.util.Set;

import dev.pluggable.PluggableException;

/**
 * Reads secrets by their names. An application injects this interface, and the author of
 * a component implements it. Safe for use by many threads. All methods throw a
 * {@link PluggableException} if the store cannot carry out the operation; no exception
 * contains a value.
 *
 * @see SecretFeatures
 * @since 0.1.0
 */
public interface SecretStore {

	/**
	 * Read a secret.
	 * @param request the name of the secret and hints
	 * @return the secret
	 * @throws SecretNotFoundException if the secret does not exist, and the store reports
	 * this failure as such
	 */
	Secret get(GetSecretRequest request);

	/**
	 * Read a secret without hints.
	 * @param name name of the secret, not empty
	 * @return the secret
	 * @see #get(GetSecretRequest)
	 */
	default Secret get(String name) {
		return get(GetSecretRequest.of(name));
	}

	/**
	 * Read all secrets that the application may see.
	 * @param metadata hints for this request
	 * @return secrets by their names
	 */
	Map<String, Secret> bulkGet(Map<String, String> metadata);

	/**
	 * Read all secrets that the application may see, without hints.
	 * @return secrets by their names
	 */
	default Map<String, Secret> bulkGet() {
		return bulkGet(Map.of());
	}

	/**
	 * The features of the store.
	 * @return names, exactly as the store spells them
	 */
	Set<String> features();

	/**
	 * Check the health of the store. Unless overridden, the store is always healthy.
	 */
	default void ping() {
	}

}
