package dev.pluggable.autoconfigure.health;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.pluggable.autoconfigure.PluggableProperties;
import org.jspecify.annotations.Nullable;

/**
 * The plugins that the application cannot do its work without.
 */
final class RequiredPlugins {

	private RequiredPlugins() {
	}

	/**
	 * Names of the required plugins.
	 */
	static Set<String> of(@Nullable PluggableProperties properties) {
		if (properties == null) {
			return Set.of();
		}
		return properties.plugins()
			.entrySet()
			.stream()
			.filter((plugin) -> Boolean.TRUE.equals(plugin.getValue().required()))
			.map(Map.Entry::getKey)
			.collect(Collectors.toUnmodifiableSet());
	}

}
