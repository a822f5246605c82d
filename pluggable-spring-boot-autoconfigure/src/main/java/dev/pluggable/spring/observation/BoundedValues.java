package dev.pluggable.spring.observation;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.common.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * The values of a key that others choose, such as topics. A registry keeps each value for
 * ever, so there is a limit. Safe for use by many threads.
 */
final class BoundedValues {

	static final String OTHER = "other";

	private final int limit;

	private final Set<String> values = ConcurrentHashMap.newKeySet();

	/**
	 * Create an empty set of values.
	 * @param limit number of different values
	 */
	BoundedValues(int limit) {
		this.limit = limit;
	}

	/**
	 * Bound a value.
	 * @param value the value, {@code null} for {@code none}
	 * @return the value itself, {@code other} beyond the limit
	 */
	String value(@Nullable String value) {
		if (value == null) {
			return KeyValue.NONE_VALUE;
		}
		if (this.values.contains(value)) {
			return value;
		}
		synchronized (this.values) {
			boolean known = this.values.contains(value) || this.values.size() < this.limit && this.values.add(value);
			return known ? value : OTHER;
		}
	}

}
