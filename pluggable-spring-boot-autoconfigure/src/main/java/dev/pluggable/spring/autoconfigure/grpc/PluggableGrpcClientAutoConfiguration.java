package dev.pluggable.spring.autoconfigure.grpc;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.grpc.ComponentChannelFactory;
import dev.pluggable.spring.host.ComponentChannels;
import io.grpc.ManagedChannelBuilder;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.grpc.client.autoconfigure.CompositeChannelFactoryAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.GrpcChannelFactoryCustomizer;
import org.springframework.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.GrpcClientProperties;
import org.springframework.boot.util.LambdaSafe;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;

/**
 * Auto-configuration for components as targets of Spring gRPC:
 * {@code spring.grpc.client.channel.greeter.target=pluggable:greeter}. Stubs that
 * {@link org.springframework.grpc.client.ImportGrpcClients} imports for such a channel
 * call the component.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { PluggableAutoConfiguration.class, GrpcClientAutoConfiguration.class },
		before = CompositeChannelFactoryAutoConfiguration.class)
@ConditionalOnClass({ GrpcChannelBuilderCustomizer.class, GrpcClientAutoConfiguration.class })
@ConditionalOnBean({ ComponentHost.class, GrpcClientProperties.class })
public final class PluggableGrpcClientAutoConfiguration {

	// Boot's own factory exists only if there is no other one, so this one must come
	// after it, and before the composite of all factories.
	@Bean
	@ConditionalOnMissingBean
	ComponentChannelFactory pluggableChannelFactory(Environment environment, GrpcClientProperties properties,
			ObjectProvider<ComponentHost> host, DefaultListableBeanFactory beanFactory,
			ObjectProvider<GrpcChannelBuilderCustomizer<?>> customizers,
			ObjectProvider<GrpcChannelFactoryCustomizer> factoryCustomizers, ApplicationContext context) {
		ComponentChannelFactory factory = new ComponentChannelFactory(targets(environment, properties),
				new ComponentChannels(beanFactory, host::getObject), customizer(customizers), context);
		factoryCustomizers.orderedStream().forEach((customizer) -> customizer.customize(factory));
		return factory;
	}

	private static UnaryOperator<String> targets(Environment environment, GrpcClientProperties properties) {
		return (name) -> {
			GrpcClientProperties.Channel channel = properties.getChannel().get(name);
			return environment.resolvePlaceholders((channel != null) ? channel.getTarget() : name);
		};
	}

	@SuppressWarnings("unchecked")
	private static BiConsumer<String, ManagedChannelBuilder<?>> customizer(
			ObjectProvider<GrpcChannelBuilderCustomizer<?>> customizers) {
		List<GrpcChannelBuilderCustomizer<?>> ordered = customizers.orderedStream().toList();
		return (name, builder) -> LambdaSafe.callbacks(GrpcChannelBuilderCustomizer.class, ordered, builder)
			.withLogger(ComponentChannelFactory.class)
			.invoke((customizer) -> customizer.customize(name, builder));
	}

}
