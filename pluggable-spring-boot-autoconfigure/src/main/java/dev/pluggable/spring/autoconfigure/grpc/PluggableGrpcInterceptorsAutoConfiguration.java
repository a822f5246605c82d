package dev.pluggable.spring.autoconfigure.grpc;

import java.util.List;
import java.util.function.Supplier;

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
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration for global interceptors of Spring gRPC. The
 * {@link GlobalClientInterceptor global client interceptors} apply to the channels of
 * components and to the brokered connections that plugins serve. The
 * {@link GlobalServerInterceptor global server interceptors} apply to the components that
 * the application serves, and to everything that the application serves to plugins on
 * brokered connections.
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
		Supplier<List<ServerInterceptor>> interceptors = SingletonSupplier
			.of(() -> GlobalInterceptors.find(beanFactory, ServerInterceptor.class, GlobalServerInterceptor.class));
		return (service) -> ServerInterceptors.interceptForward(service, interceptors.get());
	}

}
