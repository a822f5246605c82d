package dev.pluggable.spring.autoconfigure.health;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.Plugins;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Adds required components and plugins to readiness. A post-processor of Spring Boot with
 * the same order creates the readiness group. That post-processor runs first, because
 * Spring registers its definition first.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(name = "org.springframework.boot.actuate.endpoint.annotation.Endpoint")
class ReadinessConfiguration {

	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	static RequiredComponentsPostProcessor pluggableRequiredComponentsPostProcessor(ComponentHost host,
			Environment environment, ObjectProvider<Plugins> plugins) {
		return new RequiredComponentsPostProcessor(host, plugins, environment);
	}

}
