package dev.pluggable.state;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * The result for one of several keys: an item, an error, or neither of them if the key
 * does not exist. Immutable.
 *
 * @param key the key, not empty
 * @param item the stored item; {@code null} if the key does not exist or could not be
 * read
 * @param error reason why the key could not be read, not empty; {@code null} if there is
 * none
 * @since 0.1.0
 */
public record BulkGetResult(String key, @Nullable StateItem item, @Nullable String error) {

	/**
	 * Create a result.
	 * @throws IllegalArgumentException if the key is {@code null} or empty, if the error
	 * is empty, or if there are both an item and an error
	 */
	public BulkGetResult {
		Checks.hasText(key, "key");
		Checks.notEmpty(error, "error");
		if (item != null && error != null) {
			throw new IllegalArgumentException("Either 'item' or 'error' must be null");
		}
	}

	/**
	 * Create the result for a key that was read.
	 * @param item the stored item
	 * @return the result
	 */
	public static BulkGetResult of(StateItem item) {
		return new BulkGetResult(item.key(), item, null);
	}

	/**
	 * Create the result for a key that does not exist.
	 * @param key the key, not empty
	 * @return the result
	 */
	public static BulkGetResult absent(String key) {
		return new BulkGetResult(key, null, null);
	}

	/**
	 * Create the result for a key that could not be read.
	 * @param key the key, not empty
	 * @param error the reason, not empty
	 * @return the result
	 */
	public static BulkGetResult failed(String key, String error) {
		Checks.notNull(error, "error");
		return new BulkGetResult(key, null, error);
	}

	/**
	 * Whether the key exists and was read.
	 * @return {@code true} if there is an item
	 */
	public boolean found() {
		return this.item != null;
	}

}
