package dev.pluggable.spring.autoconfigure.host;

import java.util.List;

import dev.pluggable.ComponentImplementation;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.host.ComponentDeclarationSource;
import dev.pluggable.spring.host.HostLifecycle;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for components in other processes. The host is made early, while
 * bean definitions are still being collected, so that components that are there already
 * can be injected; beans of type {@link ComponentKind}, {@link ComponentImplementation},
 * {@link ComponentDeclarationSource} and {@link ComponentChannelCustomizer} are made with
 * it and should depend on little. An application that is a component itself has a host
 * only if it declares components.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@Conditional(OnHostCondition.class)
@EnableConfigurationProperties(PluggableProperties.class)
public final class PluggableAutoConfiguration {

	@Bean
	static ComponentBeans componentBeans(ObjectProvider<PluggableProperties> properties) {
		return new ComponentBeans(() -> properties.getObject().discovery().initialWait());
	}

	@Bean
	@ConditionalOnMissingBean
	static ComponentHost componentHost(PluggableProperties properties, Environment environment,
			ObjectProvider<ComponentKind<?>> kinds, ObjectProvider<ComponentImplementation<?>> implementations,
			ObjectProvider<ComponentDeclarationSource> sources,
			ObjectProvider<ComponentChannelCustomizer> customizers) {
		List<ComponentChannelCustomizer> ordered = customizers.orderedStream().toList();
		return new ComponentHost(
				new PropertiesHostSettings(properties, environment, sources.orderedStream().toList()).get(),
				kinds.orderedStream().toList(), implementations.orderedStream().toList(),
				(endpoint, builder) -> ordered.forEach((customizer) -> customizer.customize(endpoint, builder)));
	}

	@Bean
	@ConditionalOnMissingBean
	ComponentRegistry componentRegistry(ComponentHost host) {
		return host.registry();
	}

	/**
	 * They end with the host, after all that use what they bring.
	 */
	@Bean(destroyMethod = "")
	@ConditionalOnMissingBean
	Plugins pluggablePlugins(ComponentHost host) {
		return host.plugins();
	}

	@Bean
	HostLifecycle pluggableLifecycle(ComponentHost host, PluggableProperties properties,
			ApplicationEventPublisher publisher) {
		return new HostLifecycle(host, properties.discovery().startupWait(), publisher);
	}

}
