package dev.pluggable.spring.autoconfigure.resources;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.pluggable.ComponentKind;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableProperties;
import dev.pluggable.spring.resources.ComponentFiles;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ResourceLoader;

/**
 * Auto-configuration for components that component files of Dapr declare.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = PluggableAutoConfiguration.class)
@EnableConfigurationProperties(PluggableProperties.class)
public final class PluggableResourcesAutoConfiguration {

	@Bean
	static ComponentFiles componentFiles(PluggableProperties properties, ObjectProvider<ComponentKind<?>> kinds,
			ResourceLoader resourceLoader, ConfigurableEnvironment environment) {
		List<String> locations = (properties.resources() != null) ? properties.resources() : List.of();
		Set<String> ownKinds = kinds.orderedStream().map(ComponentKind::typePrefix).collect(Collectors.toSet());
		return new ComponentFiles(locations, ownKinds, resourceLoader, variables(environment));
	}

	/**
	 * The variables as they are: not resolved further, and by no other spelling.
	 */
	private static Function<String, @Nullable String> variables(ConfigurableEnvironment environment) {
		PropertySource<?> source = environment.getPropertySources()
			.get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
		if (source == null || !(source.getSource() instanceof Map<?, ?> variables)) {
			return System::getenv;
		}
		return (name) -> {
			Object value = variables.get(name);
			return (value != null) ? value.toString() : null;
		};
	}

}
