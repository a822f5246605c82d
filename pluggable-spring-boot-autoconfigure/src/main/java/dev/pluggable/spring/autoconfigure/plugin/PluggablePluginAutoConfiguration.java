package dev.pluggable.spring.autoconfigure.plugin;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.plugin.HostService;
import dev.pluggable.spring.plugin.HostServiceCustomizer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration that offers beans with {@link HostService} to launched plugins.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PluggableAutoConfiguration.class)
@ConditionalOnBean(ComponentHost.class)
public final class PluggablePluginAutoConfiguration {

	@Bean
	static HostServiceBeans pluggableHostServiceBeans(ConfigurableListableBeanFactory beans,
			ObjectProvider<HostServiceCustomizer> customizers) {
		return new HostServiceBeans(beans, customizers);
	}

}
