package dev.pluggable.bindings;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.pluggable.InvalidRequestException;

/**
 * Which of its two sides a binding is used on, as the metadata of its declaration say.
 */
enum BindingDirection {

	/** Events come in. */
	INPUT,

	/** Operations are invoked. */
	OUTPUT;

	/** Name of the metadata entry, in any case. */
	private static final String KEY = "direction";

	/**
	 * Whether the side is used.
	 * @param metadata settings of the component
	 * @return {@code true} if they do not say that only the other is
	 * @throws InvalidRequestException if they name something that is no direction
	 */
	boolean isMeantBy(Map<String, String> metadata) {
		Set<BindingDirection> meant = EnumSet.noneOf(BindingDirection.class);
		metadata.forEach((key, value) -> {
			if (key.equalsIgnoreCase(KEY)) {
				meant.addAll(parse(key, value));
			}
		});
		return meant.isEmpty() || meant.contains(this);
	}

	private static Set<BindingDirection> parse(String key, String value) {
		Set<BindingDirection> directions = EnumSet.noneOf(BindingDirection.class);
		for (String part : value.split(",")) {
			switch (part.trim().toLowerCase(Locale.ROOT)) {
				case "input" -> directions.add(INPUT);
				case "output" -> directions.add(OUTPUT);
				case "" -> {
				}
				default -> throw new InvalidRequestException("the metadata '" + key
						+ "' names something that is no direction of a binding; it can be 'input', 'output' or 'input, output'");
			}
		}
		return directions;
	}

}
