package dev.pluggable.spring.autoconfigure.endpoint;

import java.util.List;

import dev.pluggable.spring.endpoint.ActionGuard;
import dev.pluggable.spring.endpoint.ActionGuardFilter;
import dev.pluggable.spring.endpoint.ActionGuardWebFilter;
import dev.pluggable.spring.endpoint.PluggableEndpointWebExtension;
import jakarta.servlet.Filter;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.web.server.WebFilter;

/**
 * Guards the actions of the actuator endpoint, on the port of the application or on a
 * management port.
 *
 * @since 0.1.0
 */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnClass(PathMappedEndpoints.class)
@ConditionalOnBean({ PluggableEndpointWebExtension.class, PathMappedEndpoints.class })
public final class ActionGuardManagementConfiguration {

	private static ActionGuard guard(PathMappedEndpoints endpoints, Environment environment) {
		@Nullable String path = endpoints.getPath(EndpointId.of("pluggable"));
		return new ActionGuard((path != null) ? path : "/actuator/pluggable",
				list(environment, "pluggable.endpoint.allowed-hosts"),
				list(environment, "management.endpoints.web.cors.allowed-origins"));
	}

	private static List<String> list(Environment environment, String property) {
		return Binder.get(environment).bind(property, Bindable.listOf(String.class)).orElse(List.of());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Filter.class)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	static class Servlet {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE + 100)
		ActionGuardFilter pluggableActionGuardFilter(PathMappedEndpoints endpoints, Environment environment) {
			return new ActionGuardFilter(guard(endpoints, environment));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebFilter.class)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	static class Reactive {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE + 100)
		ActionGuardWebFilter pluggableActionGuardWebFilter(PathMappedEndpoints endpoints, Environment environment) {
			return new ActionGuardWebFilter(guard(endpoints, environment));
		}

	}

}
