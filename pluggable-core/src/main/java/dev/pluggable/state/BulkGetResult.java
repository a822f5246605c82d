package dev.pluggable.state;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * What reading one of several keys came to: an item, an error, or neither if there is no
 * such key.
 *
 * @param key the key, not empty
 * @param item what is stored; {@code null} if there is no such key or it could not be
 * read
 * @param error why the key could not be read; {@code null} if it could, never empty
 * @since 0.1.0
 */
public record BulkGetResult(String key, @Nullable StateItem item, @Nullable String error) {

	/**
	 * Create a result.
	 * @throws IllegalArgumentException if the key is null or empty, the error is empty,
	 * or there are both an item and an error
	 */
	public BulkGetResult {
		Checks.hasText(key, "key");
		Checks.notEmpty(error, "error");
		if (item != null && error != null) {
			throw new IllegalArgumentException("Either 'item' or 'error' must be null");
		}
	}

	/**
	 * The key was read.
	 * @param item what is stored
	 * @return the result
	 */
	public static BulkGetResult of(StateItem item) {
		return new BulkGetResult(item.key(), item, null);
	}

	/**
	 * There is no such key.
	 * @param key the key, not empty
	 * @return the result
	 */
	public static BulkGetResult absent(String key) {
		return new BulkGetResult(key, null, null);
	}

	/**
	 * The key could not be read.
	 * @param key the key, not empty
	 * @param error why not, not empty
	 * @return the result
	 */
	public static BulkGetResult failed(String key, String error) {
		Checks.notNull(error, "error");
		return new BulkGetResult(key, null, error);
	}

	/**
	 * Whether there is such a key and it was read.
	 * @return {@code true} if there is an item
	 */
	public boolean found() {
		return this.item != null;
	}

}
