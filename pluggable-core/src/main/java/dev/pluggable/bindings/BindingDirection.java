package dev.pluggable.bindings;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.pluggable.InvalidRequestException;

/**
 * The sides of a binding. The metadata of a declaration say which of them are used.
 */
enum BindingDirection {

	/** The binding reads events. */
	INPUT,

	/** The binding offers operations. */
	OUTPUT;

	/** Name of the metadata entry, which ignores case. */
	static final String KEY = "direction";

	/**
	 * Whether the application uses this side.
	 * @param metadata settings of the component
	 * @return {@code false} if the settings name the other side only
	 * @throws InvalidRequestException if the settings name anything else
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
				default -> throw new InvalidRequestException(
						"the metadata '" + key + "' must be 'input', 'output' or 'input, output'");
			}
		}
		return directions;
	}

}
