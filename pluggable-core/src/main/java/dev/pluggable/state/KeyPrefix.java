package dev.pluggable.state;

import java.util.Locale;
import java.util.Map;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInitializationException;
import dev.pluggable.InvalidRequestException;
import org.jspecify.annotations.Nullable;

/**
 * The prefix of a state store's keys, according to Dapr's strategies.
 *
 * @param text the prefix with the separator, not empty
 */
record KeyPrefix(String text) {

	/** Name of the metadata entry, which ignores case. */
	static final String METADATA = "keyPrefix";

	static final String SEPARATOR = "||";

	/**
	 * The prefix for the settings of a component.
	 * @return the prefix, {@code null} if there is none
	 * @throws ComponentInitializationException if the prefix is not possible
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
			throw unusable(context, "'" + strategy + "' needs the id of the application, but the application has none; "
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
	 * Add the prefix to a key of the application.
	 * @throws InvalidRequestException if the key looks like one with another prefix
	 */
	String add(String key) {
		if (key.contains(SEPARATOR)) {
			throw new InvalidRequestException(
					"Key '" + key + "' must not contain '" + SEPARATOR + "', which separates it from its prefix");
		}
		return this.text + key;
	}

	/**
	 * Remove the prefix from a stored key. A key with another prefix stays as it is.
	 */
	String remove(String key) {
		return (key.length() > this.text.length() && key.startsWith(this.text)) ? key.substring(this.text.length())
				: key;
	}

}
