package dev.pluggable.spring.autoconfigure.diagnostics;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * Finds the origins of properties.
 */
final class PropertyOrigins {

	private final @Nullable Environment environment;

	PropertyOrigins(@Nullable Environment environment) {
		this.environment = environment;
	}

	/**
	 * Return the name of a component property, in the notation of a properties file.
	 */
	static String component(String name, String property) {
		return element("pluggable.components", name, property);
	}

	/**
	 * Return the name of a plugin property, in the notation of a properties file.
	 */
	static String plugin(String name, String property) {
		return element("pluggable.plugins", name, property);
	}

	private static String element(String map, String name, String property) {
		boolean plain = name.chars().allMatch((c) -> c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
		return map + (plain ? "." + name : "[" + name + "]") + "." + property;
	}

	/**
	 * Return a property in quotes and its origin, if the origin is known.
	 */
	String describe(String property) {
		String origin = find(property);
		return "'" + property + "'" + ((origin != null) ? " (originating from '" + origin + "')" : "");
	}

	/**
	 * Find the origin of a property or of the first element of a list.
	 * @return the origin, {@code null} if the property is not set
	 */
	@Nullable String find(String property) {
		if (!(this.environment instanceof ConfigurableEnvironment configurable)) {
			return null;
		}
		ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
		for (ConfigurationPropertySource source : ConfigurationPropertySources
			.from(configurable.getPropertySources())) {
			ConfigurationProperty found = source.getConfigurationProperty(name);
			if (found == null) {
				found = source.getConfigurationProperty(name.append("[0]"));
			}
			if (found != null) {
				return (found.getOrigin() != null) ? found.getOrigin().toString() : "unknown";
			}
		}
		return null;
	}

}
