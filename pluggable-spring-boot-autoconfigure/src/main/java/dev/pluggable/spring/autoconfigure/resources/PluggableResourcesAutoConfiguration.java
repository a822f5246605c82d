package dev.pluggable.spring.autoconfigure.resources;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.pluggable.ComponentKind;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.resources.ComponentFiles;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ResourceLoader;

/**
 * Auto-configuration for components that Dapr component files declare.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = PluggableAutoConfiguration.class)
public final class PluggableResourcesAutoConfiguration {

	@Bean
	static ComponentFiles componentFiles(ObjectProvider<ComponentKind<?>> kinds, ResourceLoader resourceLoader,
			ConfigurableEnvironment environment) {
		List<String> locations = Binder.get(environment)
			.bind("pluggable.resources", Bindable.listOf(String.class))
			.orElse(List.of());
		return new ComponentFiles(locations,
				() -> kinds.orderedStream().map(ComponentKind::typePrefix).collect(Collectors.toSet()), resourceLoader,
				variables(environment));
	}

	/**
	 * Return a lookup of environment variables by their exact names. The lookup does not
	 * resolve placeholders in values.
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
