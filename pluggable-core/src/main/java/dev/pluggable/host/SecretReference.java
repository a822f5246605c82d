package dev.pluggable.host;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * Where the value of one metadata entry of a component comes from, instead of being
 * declared.
 *
 * @param store name of the component that is the secret store, not empty
 * @param name name of the secret in the store, not empty
 * @param key key of the value in the secret, not empty
 * @since 0.1.0
 */
public record SecretReference(String store, String name, String key) {

	/**
	 * Create a reference.
	 * @throws IllegalArgumentException if a part is null or empty
	 */
	public SecretReference {
		Checks.hasText(store, "store");
		Checks.hasText(name, "name");
		Checks.hasText(key, "key");
	}

	/**
	 * A reference of which the name of the secret or the key may be left out: each is the
	 * other then.
	 * @param store name of the component that is the secret store, not empty
	 * @param name name of the secret, {@code null} or empty for that of the key
	 * @param key key of the value, {@code null} or empty for the name of the secret
	 * @return the reference
	 * @throws IllegalArgumentException if the store or both others are null or empty
	 */
	public static SecretReference of(String store, @Nullable String name, @Nullable String key) {
		String given = (name != null && !name.isEmpty()) ? name : key;
		Checks.hasText(given, "name");
		String secret = String.valueOf(given);
		return new SecretReference(store, secret, (key != null && !key.isEmpty()) ? key : secret);
	}

}
