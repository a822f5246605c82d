package dev.pluggable.spring.autoconfigure.health;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.health.PluggableHealthContributor;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.listener.ListenerRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration for the health of components and plugins. The readiness of the
 * application includes required components and plugins.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PluggableAutoConfiguration.class,
		afterName = "org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration")
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(ComponentHost.class)
@ConditionalOnEnabledHealthIndicator("pluggable")
@Import(ReadinessConfiguration.class)
public final class PluggableHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "pluggableHealthContributor")
	PluggableHealthContributor pluggableHealthContributor(ComponentHost host, ObjectProvider<ComponentBeans> beans,
			ObjectProvider<ListenerRegistry> listeners, ObjectProvider<Plugins> plugins) {
		return new PluggableHealthContributor(host, beans.getIfAvailable(), listeners.getIfAvailable(),
				plugins.getIfAvailable());
	}

}
