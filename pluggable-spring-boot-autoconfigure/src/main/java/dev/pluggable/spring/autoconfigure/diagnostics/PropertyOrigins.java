package dev.pluggable.spring.autoconfigure.diagnostics;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * Says where a property was set.
 */
final class PropertyOrigins {

	private final @Nullable Environment environment;

	PropertyOrigins(@Nullable Environment environment) {
		this.environment = environment;
	}

	/**
	 * The property of a component, written so that it can be set.
	 */
	static String component(String name, String property) {
		return element("pluggable.components", name, property);
	}

	/**
	 * The property of a plugin, written so that it can be set.
	 */
	static String plugin(String name, String property) {
		return element("pluggable.plugins", name, property);
	}

	private static String element(String map, String name, String property) {
		boolean plain = name.chars().allMatch((c) -> c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
		return map + (plain ? "." + name : "[" + name + "]") + "." + property;
	}

	/**
	 * A property in quotes, followed by where it was set if that is known.
	 */
	String describe(String property) {
		String origin = find(property);
		return "'" + property + "'" + ((origin != null) ? " (originating from '" + origin + "')" : "");
	}

	/**
	 * Find the place that sets a property, or the first element of a list.
	 * @return the place, {@code null} if it was not set
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
