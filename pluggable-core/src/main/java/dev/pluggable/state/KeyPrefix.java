package dev.pluggable.state;

import java.util.Locale;
import java.util.Map;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInitializationException;
import dev.pluggable.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/**
 * What comes before the keys of a state store, by the strategies of Dapr.
 *
 * @param text the prefix with the separator, not empty
 */
record KeyPrefix(String text) {

	/** Name of the metadata entry, which is compared without regard to case. */
	static final String METADATA = "keyPrefix";

	static final String SEPARATOR = "||";

	/**
	 * The prefix that the settings of a component ask for.
	 * @return the prefix, {@code null} if they ask for none
	 * @throws ComponentInitializationException if there can be no such prefix
	 */
	static @Nullable KeyPrefix of(ComponentContext context) {
		String strategy = strategy(context.metadata());
		if (strategy == null) {
			return null;
		}
		String prefix = switch (strategy) {
			case "none" -> null;
			case "name" -> context.name();
			case "appid" -> applicationId(context, strategy);
			case "namespace" -> namespaced(context, strategy);
			default -> strategy;
		};
		if (prefix == null) {
			return null;
		}
		if (prefix.isEmpty() || prefix.contains(SEPARATOR)) {
			throw unusable(context, "must not be empty or contain '" + SEPARATOR
					+ "'; use 'appid', 'name', 'namespace', 'none' or a text of your own");
		}
		return new KeyPrefix(prefix + SEPARATOR);
	}

	private static @Nullable String strategy(Map<String, String> metadata) {
		return metadata.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().equalsIgnoreCase(METADATA))
			.map((entry) -> entry.getValue().toLowerCase(Locale.ROOT))
			.findFirst()
			.orElse(null);
	}

	private static String applicationId(ComponentContext context, String strategy) {
		String id = context.application().id();
		if (id.isEmpty()) {
			throw unusable(context, "'" + strategy + "' needs the id of the application, which has none; "
					+ "set 'pluggable.application.id' or 'spring.application.name'");
		}
		return id;
	}

	private static String namespaced(ComponentContext context, String strategy) {
		ApplicationIdentity application = context.application();
		String id = applicationId(context, strategy);
		return application.namespace().isEmpty() ? id : application.namespace() + "." + id;
	}

	private static ComponentInitializationException unusable(ComponentContext context, String reason) {
		return new ComponentInitializationException("Component '" + context.name() + "' of type '" + context.type()
				+ "' cannot be made: metadata '" + METADATA + "' " + reason, null);
	}

	/**
	 * The key as it is stored.
	 * @throws InvalidRequestException if it could be taken for a key with another prefix
	 */
	String add(String key) {
		if (key.contains(SEPARATOR)) {
			throw new InvalidRequestException(
					"Key '" + key + "' must not contain '" + SEPARATOR + "', which separates it from its prefix");
		}
		return this.text + key;
	}

	/**
	 * The key as the application knows it, unchanged if it has another prefix.
	 */
	String remove(String key) {
		return (key.length() > this.text.length() && key.startsWith(this.text)) ? key.substring(this.text.length())
				: key;
	}

}
