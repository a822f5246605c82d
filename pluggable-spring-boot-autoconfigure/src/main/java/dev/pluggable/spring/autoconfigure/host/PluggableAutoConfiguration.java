package dev.pluggable.spring.autoconfigure.host;

import java.util.List;

import dev.pluggable.ComponentImplementation;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.observation.CallListener;
import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.Observers;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.host.ComponentDeclarationSource;
import dev.pluggable.spring.host.HostLifecycle;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for components in other processes. The auto-configuration registers
 * declared components as bean definitions while Spring reads configuration classes.
 * Discovered components become beans when the host has identified them. Spring creates
 * beans of the types {@link ComponentKind}, {@link ComponentImplementation} and
 * {@link ComponentDeclarationSource} early. Declare such beans with static bean methods
 * without parameters, so that conditions of later auto-configurations see the components.
 * An application that serves components has a host only if the application declares
 * components or plugins.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@Conditional(OnHostCondition.class)
@EnableConfigurationProperties(PluggableProperties.class)
public final class PluggableAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	ComponentRegistry componentRegistry(ComponentHost host) {
		return host.registry();
	}

	/**
	 * The host stops the plugins, after Spring has destroyed the beans that use their
	 * components.
	 */
	@Bean(destroyMethod = "")
	@ConditionalOnMissingBean
	Plugins pluggablePlugins(ComponentHost host) {
		return host.plugins();
	}

	/**
	 * Registers the host and the components that properties and sources declare.
	 */
	@Configuration(proxyBeanMethods = false)
	@Order(1)
	@ConditionalOnMissingBean(ComponentHost.class)
	@Import(DeclaredComponentsRegistrar.class)
	static class HostConfiguration {

		/**
		 * Name of the host bean.
		 */
		static final String HOST = "componentHost";

		@Bean(HOST)
		ComponentHost componentHost(PluggableProperties properties, Environment environment,
				ObjectProvider<ComponentKind<?>> kinds, ObjectProvider<ComponentImplementation<?>> implementations,
				ObjectProvider<ComponentDeclarationSource> sources,
				ObjectProvider<ComponentChannelCustomizer> customizers, ObjectProvider<SslBundles> sslBundles,
				ObjectProvider<CallListener> calls, ObjectProvider<MessageListener> messages) {
			List<ComponentChannelCustomizer> ordered = customizers.orderedStream().toList();
			return new ComponentHost(
					new PropertiesHostSettings(properties, environment, sources.orderedStream().toList(),
							sslBundles.getIfAvailable())
						.get(),
					kinds.orderedStream().toList(), implementations.orderedStream().toList(),
					(endpoint, builder) -> ordered.forEach((customizer) -> customizer.customize(endpoint, builder)),
					new Observers(CallListener.all(calls.orderedStream().toList()), messages.getIfAvailable()));
		}

		@Bean
		static DeclaredComponentsPostProcessor declaredComponentsPostProcessor(Environment environment) {
			return new DeclaredComponentsPostProcessor(environment);
		}

	}

	/**
	 * Starts the host of this context and registers its components as beans. A parent
	 * context starts its own host.
	 */
	@Configuration(proxyBeanMethods = false)
	@Order(2)
	@ConditionalOnBean(value = ComponentHost.class, search = SearchStrategy.CURRENT)
	static class LocalHostConfiguration {

		@Bean
		static ComponentBeans componentBeans(DefaultListableBeanFactory beanFactory) {
			return new ComponentBeans(beanFactory);
		}

		@Bean
		HostLifecycle pluggableLifecycle(ComponentHost host, PluggableProperties properties,
				DefaultListableBeanFactory beanFactory, ApplicationEventPublisher publisher) {
			String name = beanFactory.getBeanNamesForType(ComponentHost.class, true, false)[0];
			boolean declares = beanFactory.getBeanNamesForType(DeclaredComponentsPostProcessor.class).length > 0;
			return new HostLifecycle(host, properties.discovery().initialWait(), properties.startupTimeout(),
					beanFactory, name, declares, publisher);
		}

	}

}
