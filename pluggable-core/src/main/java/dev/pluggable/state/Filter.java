package dev.pluggable.state;

import java.util.List;

import dev.pluggable.internal.support.Checks;

/**
 * A condition for stored values, which are compared as JSON. It names a property by its
 * path, such as {@code person.org}, and compares the property with a text, a number or a
 * boolean. The contract calls it an operator with its operand ({@code Query.filter}).
 * Immutable.
 *
 * @since 0.1.0
 */
public sealed interface Filter {

	/**
	 * Matches if the property is equal to the value.
	 * @param key path of the property, not empty
	 * @param value a {@link String}, a finite {@link Number} or a {@link Boolean}
	 * @return the condition
	 */
	static Filter eq(String key, Object value) {
		return new Eq(key, value);
	}

	/**
	 * Matches if the property is not equal to the value. The component decides about
	 * values without the property.
	 * @param key path of the property, not empty
	 * @param value a {@link String}, a finite {@link Number} or a {@link Boolean}
	 * @return the condition
	 */
	static Filter neq(String key, Object value) {
		return new Neq(key, value);
	}

	/**
	 * Matches if the property is greater than the value.
	 * @param key path of the property, not empty
	 * @param value a {@link String}, a finite {@link Number} or a {@link Boolean}
	 * @return the condition
	 */
	static Filter gt(String key, Object value) {
		return new Gt(key, value);
	}

	/**
	 * Matches if the property is greater than the value or equal to it.
	 * @param key path of the property, not empty
	 * @param value a {@link String}, a finite {@link Number} or a {@link Boolean}
	 * @return the condition
	 */
	static Filter gte(String key, Object value) {
		return new Gte(key, value);
	}

	/**
	 * Matches if the property is less than the value.
	 * @param key path of the property, not empty
	 * @param value a {@link String}, a finite {@link Number} or a {@link Boolean}
	 * @return the condition
	 */
	static Filter lt(String key, Object value) {
		return new Lt(key, value);
	}

	/**
	 * Matches if the property is less than the value or equal to it.
	 * @param key path of the property, not empty
	 * @param value a {@link String}, a finite {@link Number} or a {@link Boolean}
	 * @return the condition
	 */
	static Filter lte(String key, Object value) {
		return new Lte(key, value);
	}

	/**
	 * Matches if the property is equal to one of several values.
	 * @param key path of the property, not empty
	 * @param values at least one {@link String}, finite {@link Number} or {@link Boolean}
	 * @return the condition
	 */
	static Filter in(String key, Object... values) {
		return new In(key, List.of(values));
	}

	/**
	 * Matches if the property is equal to one of several values.
	 * @param key path of the property, not empty
	 * @param values at least one {@link String}, finite {@link Number} or {@link Boolean}
	 * @return the condition
	 */
	static Filter in(String key, List<?> values) {
		return new In(key, List.copyOf(values));
	}

	/**
	 * Matches if all of several conditions do.
	 * @param filters the conditions, at least one
	 * @return the condition
	 */
	static Filter and(Filter... filters) {
		return new And(List.of(filters));
	}

	/**
	 * Matches if any of several conditions does.
	 * @param filters the conditions, at least one
	 * @return the condition
	 */
	static Filter or(Filter... filters) {
		return new Or(List.of(filters));
	}

	/**
	 * A property is equal to a value ({@code EQ}).
	 *
	 * @param key path of the property, not empty
	 * @param value a text, a number or a boolean
	 */
	record Eq(String key, Object value) implements Filter {

		/**
		 * Create the condition.
		 * @throws IllegalArgumentException if the key is {@code null} or empty, or if the
		 * value has another type
		 */
		public Eq {
			Checks.hasText(key, "key");
			Operands.check(value);
		}

	}

	/**
	 * A property is not equal to a value ({@code NEQ}).
	 *
	 * @param key path of the property, not empty
	 * @param value a text, a number or a boolean
	 */
	record Neq(String key, Object value) implements Filter {

		/**
		 * Create the condition.
		 * @throws IllegalArgumentException if the key is {@code null} or empty, or if the
		 * value has another type
		 */
		public Neq {
			Checks.hasText(key, "key");
			Operands.check(value);
		}

	}

	/**
	 * A property is greater than a value ({@code GT}).
	 *
	 * @param key path of the property, not empty
	 * @param value a text, a number or a boolean
	 */
	record Gt(String key, Object value) implements Filter {

		/**
		 * Create the condition.
		 * @throws IllegalArgumentException if the key is {@code null} or empty, or if the
		 * value has another type
		 */
		public Gt {
			Checks.hasText(key, "key");
			Operands.check(value);
		}

	}

	/**
	 * A property is greater than a value or equal to it ({@code GTE}).
	 *
	 * @param key path of the property, not empty
	 * @param value a text, a number or a boolean
	 */
	record Gte(String key, Object value) implements Filter {

		/**
		 * Create the condition.
		 * @throws IllegalArgumentException if the key is {@code null} or empty, or if the
		 * value has another type
		 */
		public Gte {
			Checks.hasText(key, "key");
			Operands.check(value);
		}

	}

	/**
	 * A property is less than a value ({@code LT}).
	 *
	 * @param key path of the property, not empty
	 * @param value a text, a number or a boolean
	 */
	record Lt(String key, Object value) implements Filter {

		/**
		 * Create the condition.
		 * @throws IllegalArgumentException if the key is {@code null} or empty, or if the
		 * value has another type
		 */
		public Lt {
			Checks.hasText(key, "key");
			Operands.check(value);
		}

	}

	/**
	 * A property is less than a value or equal to it ({@code LTE}).
	 *
	 * @param key path of the property, not empty
	 * @param value a text, a number or a boolean
	 */
	record Lte(String key, Object value) implements Filter {

		/**
		 * Create the condition.
		 * @throws IllegalArgumentException if the key is {@code null} or empty, or if the
		 * value has another type
		 */
		public Lte {
			Checks.hasText(key, "key");
			Operands.check(value);
		}

	}

	/**
	 * A property is equal to one of several values ({@code IN}).
	 *
	 * @param key path of the property, not empty
	 * @param values texts, numbers or booleans, at least one; immutable
	 */
	record In(String key, List<Object> values) implements Filter {

		/**
		 * Create the condition.
		 * @throws IllegalArgumentException if the key is null or empty, there is no
		 * value, or a value is of another type
		 */
		public In {
			Checks.hasText(key, "key");
			values = List.copyOf(values);
			if (values.isEmpty()) {
				throw new IllegalArgumentException("'values' must not be empty");
			}
			values.forEach(Operands::check);
		}

	}

	/**
	 * All of several conditions match ({@code AND}).
	 *
	 * @param filters the conditions, at least one; immutable
	 */
	record And(List<Filter> filters) implements Filter {

		/**
		 * Create the condition.
		 * @throws IllegalArgumentException if there is no condition to combine
		 */
		public And {
			filters = List.copyOf(filters);
			if (filters.isEmpty()) {
				throw new IllegalArgumentException("'filters' must not be empty");
			}
		}

	}

	/**
	 * Any of several conditions matches ({@code OR}).
	 *
	 * @param filters the conditions, at least one; immutable
	 */
	record Or(List<Filter> filters) implements Filter {

		/**
		 * Create the condition.
		 * @throws IllegalArgumentException if there is no condition to combine
		 */
		public Or {
			filters = List.copyOf(filters);
			if (filters.isEmpty()) {
				throw new IllegalArgumentException("'filters' must not be empty");
			}
		}

	}

}
