package dev.pluggable.host;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * A value in a secret store that becomes a metadata entry of a component. Immutable.
 *
 * @param store name of the secret store, which is a declared component; not empty
 * @param name name of the secret in the store, not empty
 * @param key key of the value in the secret, not empty
 * @since 0.1.0
 */
public record SecretReference(String store, String name, String key) {

	/**
	 * Create a reference.
	 * @throws IllegalArgumentException if an argument is null or empty
	 */
	public SecretReference {
		Checks.hasText(store, "store");
		Checks.hasText(name, "name");
		Checks.hasText(key, "key");
	}

	/**
	 * Create a reference from a name, a key or both. If one of the two is missing, the
	 * other stands for it.
	 * @param store name of the secret store, not empty
	 * @param name name of the secret, {@code null} or empty to use the key
	 * @param key key of the value in the secret, {@code null} or empty to use the name
	 * @return the reference
	 * @throws IllegalArgumentException if the store is null or empty, or both the name
	 * and the key are
	 */
	public static SecretReference of(String store, @Nullable String name, @Nullable String key) {
		String given = (name != null && !name.isEmpty()) ? name : key;
		Checks.hasText(given, "name");
		String secret = String.valueOf(given);
		return new SecretReference(store, secret, (key != null && !key.isEmpty()) ? key : secret);
	}

}
