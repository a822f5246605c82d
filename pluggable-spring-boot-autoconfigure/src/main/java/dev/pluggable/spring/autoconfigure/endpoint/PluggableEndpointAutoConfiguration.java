package dev.pluggable.spring.autoconfigure.endpoint;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.autoconfigure.server.PluggableServerAutoConfiguration;
import dev.pluggable.spring.endpoint.PluggableEndpoint;
import dev.pluggable.spring.endpoint.PluggableEndpointWebExtension;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.server.ComponentServers;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * Auto-configuration for the {@link PluggableEndpoint}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { PluggableAutoConfiguration.class, PluggableServerAutoConfiguration.class })
@ConditionalOnClass({ Endpoint.class, ConditionalOnAvailableEndpoint.class })
@Conditional(OnHostOrServersCondition.class)
@ConditionalOnAvailableEndpoint(PluggableEndpoint.class)
public final class PluggableEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	PluggableEndpoint pluggableEndpoint(ObjectProvider<ComponentHost> host, ObjectProvider<ComponentBeans> beans,
			ObjectProvider<ListenerRegistry> listeners, ObjectProvider<ComponentServers> servers,
			ObjectProvider<Plugins> plugins) {
		return new PluggableEndpoint(host.getIfAvailable(), beans.getIfAvailable(), listeners.getIfAvailable(),
				servers.getIfAvailable(), plugins.getIfAvailable());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(endpoint = PluggableEndpoint.class, exposure = EndpointExposure.WEB)
	PluggableEndpointWebExtension pluggableEndpointWebExtension(ObjectProvider<Plugins> plugins) {
		return new PluggableEndpointWebExtension(plugins.getIfAvailable(), PluggableEndpointWebExtension.DEADLINE);
	}

}
