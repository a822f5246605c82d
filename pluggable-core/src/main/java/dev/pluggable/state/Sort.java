package dev.pluggable.state;

import dev.pluggable.internal.support.Checks;

/**
 * A sort criterion of a query. Immutable.
 *
 * @param key path of the property in the value, such as {@code person.id}; not empty
 * @param order the direction
 * @since 0.1.0
 */
public record Sort(String key, Order order) {

	/**
	 * Create a criterion.
	 * @throws IllegalArgumentException if the key is {@code null} or empty, or if the
	 * order is {@code null}
	 */
	public Sort {
		Checks.hasText(key, "key");
		Checks.notNull(order, "order");
	}

	/**
	 * Create a criterion that puts the smallest value first.
	 * @param key path of the property in the value, not empty
	 * @return the criterion
	 */
	public static Sort asc(String key) {
		return new Sort(key, Order.ASC);
	}

	/**
	 * Create a criterion that puts the largest value first.
	 * @param key path of the property in the value, not empty
	 * @return the criterion
	 */
	public static Sort desc(String key) {
		return new Sort(key, Order.DESC);
	}

	/**
	 * Direction of a sort.
	 */
	public enum Order {

		/**
		 * Smallest first.
		 */
		ASC,

		/**
		 * Largest first.
		 */
		DESC

	}

}
