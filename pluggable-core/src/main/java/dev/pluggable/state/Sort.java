package dev.pluggable.state;

import dev.pluggable.internal.support.Checks;

/**
 * One criterion to sort the result of a query by.
 *
 * @param key path of the property in the value, such as {@code person.id}; not empty
 * @param order the direction
 * @since 0.1.0
 */
public record Sort(String key, Order order) {

	/**
	 * Create a criterion.
	 * @throws IllegalArgumentException if the key is null or empty
	 */
	public Sort {
		Checks.hasText(key, "key");
		Checks.notNull(order, "order");
	}

	/**
	 * Smallest first.
	 * @param key path of the property in the value, not empty
	 * @return the criterion
	 */
	public static Sort asc(String key) {
		return new Sort(key, Order.ASC);
	}

	/**
	 * Largest first.
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
