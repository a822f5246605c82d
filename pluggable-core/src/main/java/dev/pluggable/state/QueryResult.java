package dev.pluggable.state;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * The result of a query, or a page of it. Immutable.
 *
 * @param items the items, in the order of the request
 * @param token token for the next page, not empty; {@code null} if there is none
 * @param metadata further facts about the result, from the store
 * @see QueryRequest#withToken(String)
 * @since 0.1.0
 */
public record QueryResult(List<Item> items, @Nullable String token, Map<String, String> metadata) {

	/**
	 * Create a result.
	 * @throws IllegalArgumentException if the token is empty
	 */
	public QueryResult {
		items = List.copyOf(items);
		Checks.notEmpty(token, "token");
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Create a result without errors and metadata.
	 * @param items the items
	 * @param token token for the next page, not empty; {@code null} if there is none
	 * @return the result
	 */
	public static QueryResult of(List<StateItem> items, @Nullable String token) {
		return new QueryResult(items.stream().map(Item::of).toList(), token, Map.of());
	}

	/**
	 * The items that could be read.
	 * @return an immutable list, in the order of the request
	 */
	public List<StateItem> found() {
		return this.items.stream().flatMap((entry) -> {
			StateItem item = entry.item();
			return (item != null) ? Stream.of(item) : Stream.empty();
		}).toList();
	}

	/**
	 * An item of the result, or the reason why it could not be read. Immutable.
	 *
	 * @param key the key, not empty
	 * @param item the stored item; {@code null} if it could not be read
	 * @param error reason why the item could not be read, not empty; {@code null} if it
	 * was read
	 */
	public record Item(String key, @Nullable StateItem item, @Nullable String error) {

		/**
		 * Create an item.
		 * @throws IllegalArgumentException if the key is {@code null} or empty, if the
		 * error is empty, or if there are both an item and an error or neither
		 */
		public Item {
			Checks.hasText(key, "key");
			Checks.notEmpty(error, "error");
			if ((item == null) == (error == null)) {
				throw new IllegalArgumentException("Exactly one of 'item' and 'error' must be null");
			}
		}

		/**
		 * Create an item that was read.
		 * @param item the stored item
		 * @return the item
		 */
		public static Item of(StateItem item) {
			return new Item(item.key(), item, null);
		}

		/**
		 * Create an item that could not be read.
		 * @param key the key, not empty
		 * @param error the reason, not empty
		 * @return the item
		 */
		public static Item failed(String key, String error) {
			return new Item(key, null, error);
		}

	}

}
