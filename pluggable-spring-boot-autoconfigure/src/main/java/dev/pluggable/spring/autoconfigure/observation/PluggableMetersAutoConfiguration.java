package dev.pluggable.spring.autoconfigure.observation;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.observation.HostMeters;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the meters of endpoints, components and plugins, if there is a
 * {@link MeterRegistry}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PluggableAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(MeterRegistry.class)
public final class PluggableMetersAutoConfiguration {

	@Bean
	@ConditionalOnBean(value = ComponentHost.class, search = SearchStrategy.CURRENT)
	HostMeters pluggableHostMeters(ComponentHost host) {
		return new HostMeters(host);
	}

}
