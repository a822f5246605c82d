package dev.pluggable.autoconfigure.grpc;

import dev.pluggable.autoconfigure.PluggableAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.grpc.client.GlobalClientInterceptor;

/**
 * Auto-configuration that applies Spring gRPC's {@link GlobalClientInterceptor global
 * client interceptors} to the channels of components.
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

}
