package dev.pluggable.state;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.pluggable.internal.support.Checks;
import org.jspecify.annotations.Nullable;

/**
 * What a query found, or a part of it.
 *
 * @param items the items, in the order asked for; immutable
 * @param token what to ask for the next part with; {@code null} if there is none, never
 * empty
 * @param metadata what else the store tells about the result; immutable
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
	 * A result without metadata.
	 * @param items the items, all of which could be read
	 * @param token what to ask for the next part with, not empty; {@code null} if there
	 * is none
	 * @return the result
	 */
	public static QueryResult of(List<StateItem> items, @Nullable String token) {
		return new QueryResult(items.stream().map(Item::of).toList(), token, Map.of());
	}

	/**
	 * The items that could be read.
	 * @return an immutable list, in the order asked for
	 */
	public List<StateItem> found() {
		return this.items.stream().flatMap((entry) -> {
			StateItem item = entry.item();
			return (item != null) ? Stream.of(item) : Stream.empty();
		}).toList();
	}

	/**
	 * One of the items: what is stored, or why it could not be read.
	 *
	 * @param key the key, not empty
	 * @param item what is stored; {@code null} if it could not be read
	 * @param error why the item could not be read; {@code null} if it could, never empty
	 */
	public record Item(String key, @Nullable StateItem item, @Nullable String error) {

		/**
		 * Create an item.
		 * @throws IllegalArgumentException if the key is null or empty, the error is
		 * empty, or not exactly one of item and error is there
		 */
		public Item {
			Checks.hasText(key, "key");
			Checks.notEmpty(error, "error");
			if ((item == null) == (error == null)) {
				throw new IllegalArgumentException("Exactly one of 'item' and 'error' must be null");
			}
		}

		/**
		 * An item that was read.
		 * @param item what is stored
		 * @return the item
		 */
		public static Item of(StateItem item) {
			return new Item(item.key(), item, null);
		}

		/**
		 * An item that could not be read.
		 * @param key the key, not empty
		 * @param error why not, not empty
		 * @return the item
		 */
		public static Item failed(String key, String error) {
			return new Item(key, null, error);
		}

	}

}
