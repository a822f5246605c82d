package dev.pluggable.spring.autoconfigure.server;

import java.util.ArrayList;
import java.util.List;

import dev.pluggable.ComponentKind;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.server.ComponentServerCustomizer;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.server.ComponentServers;
import dev.pluggable.spring.server.PluggableComponent;
import dev.pluggable.spring.server.ServedBeans;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration that serves beans as components to other processes. The application
 * serves beans that are annotated with {@link PluggableComponent}. If
 * {@code pluggable.server.name} is set, the application serves all beans that implement a
 * kind.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = PluggableAutoConfiguration.class)
@Conditional(OnServedBeansCondition.class)
@EnableConfigurationProperties(PluggableServerProperties.class)
public final class PluggableServerAutoConfiguration {

	@Bean(destroyMethod = "stop")
	ComponentServers pluggableComponentServers(ConfigurableListableBeanFactory beans,
			PluggableServerProperties properties, Environment environment, ObjectProvider<ComponentKind<?>> kinds,
			ObjectProvider<ComponentBeans> components, ObjectProvider<ComponentServerCustomizer> customizers) {
		PropertiesServerSettings settings = new PropertiesServerSettings(properties, environment);
		List<ComponentKind<?>> allKinds = new ArrayList<>(ComponentHost.builtInKinds());
		kinds.orderedStream().forEach(allKinds::add);
		return new ComponentServers(beans, new ServedBeans(beans, allKinds, components, settings.name()),
				settings::server, properties.autoStartup(), properties.shutdownTimeout(),
				customizers.orderedStream().toList());
	}

}
