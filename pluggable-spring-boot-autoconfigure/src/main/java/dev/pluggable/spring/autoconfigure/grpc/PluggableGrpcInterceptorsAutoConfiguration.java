package dev.pluggable.spring.autoconfigure.grpc;

import dev.pluggable.server.ComponentServerCustomizer;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.plugin.HostServiceCustomizer;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.grpc.client.GlobalClientInterceptor;
import org.springframework.grpc.server.GlobalServerInterceptor;

/**
 * Auto-configuration for global interceptors of Spring gRPC. The
 * {@link GlobalClientInterceptor global client interceptors} apply to the channels of
 * components. The {@link GlobalServerInterceptor global server interceptors} apply to the
 * components that the application serves and to the services that the application offers
 * to plugins.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = PluggableAutoConfiguration.class)
@ConditionalOnClass(GlobalClientInterceptor.class)
public final class PluggableGrpcInterceptorsAutoConfiguration {

	@Bean
	static GlobalInterceptorsChannelCustomizer pluggableGlobalInterceptorsChannelCustomizer() {
		return new GlobalInterceptorsChannelCustomizer();
	}

	@Bean
	ComponentServerCustomizer pluggableGlobalInterceptorsServerCustomizer(ConfigurableListableBeanFactory beanFactory) {
		return (name, builder) -> GlobalInterceptors
			.find(beanFactory, ServerInterceptor.class, GlobalServerInterceptor.class)
			.forEach(builder::intercept);
	}

	@Bean
	HostServiceCustomizer pluggableGlobalInterceptorsHostServiceCustomizer(
			ConfigurableListableBeanFactory beanFactory) {
		return (service) -> ServerInterceptors.interceptForward(service,
				GlobalInterceptors.find(beanFactory, ServerInterceptor.class, GlobalServerInterceptor.class));
	}

}
