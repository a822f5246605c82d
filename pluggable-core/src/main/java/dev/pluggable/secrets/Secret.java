package dev.pluggable.secrets;

import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * A secret with one value, or with several values that have keys. Its text does not
 * contain the values. Immutable.
 *
 * @param values values by their keys
 * @since 0.1.0
 */
public record Secret(Map<String, String> values) {

	/**
	 * Create a secret.
	 */
	public Secret {
		values = Map.copyOf(values);
	}

	/**
	 * Create a secret with one value, whose key is the name of the secret.
	 * @param name name of the secret
	 * @param value the value
	 * @return the secret
	 */
	public static Secret of(String name, String value) {
		return new Secret(Map.of(name, value));
	}

	/**
	 * The only value.
	 * @return the value
	 * @throws NoSuchElementException if there is no value or more than one
	 */
	public String value() {
		if (this.values.size() != 1) {
			throw new NoSuchElementException(
					"The secret has " + this.values.size() + " values, with the keys " + this.values.keySet());
		}
		return this.values.values().iterator().next();
	}

	/**
	 * The value of a key.
	 * @param key the key
	 * @return the value, empty if the secret has no such key
	 */
	public Optional<String> value(String key) {
		return Optional.ofNullable(this.values.get(key));
	}

	/**
	 * The keys, without the values.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "Secret" + this.values.keySet();
	}

}
