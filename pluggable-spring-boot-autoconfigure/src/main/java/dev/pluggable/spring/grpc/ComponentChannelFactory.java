package dev.pluggable.spring.grpc;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

import dev.pluggable.spring.host.ComponentChannels;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;

import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.grpc.client.ChannelBuilderOptions;
import org.springframework.grpc.client.ClientInterceptorsConfigurer;
import org.springframework.grpc.client.DefaultGrpcChannelFactory;
import org.springframework.grpc.client.GrpcChannelFactory;

/**
 * Creates the channels of Spring gRPC whose target is {@code pluggable:<component>}. Such
 * a channel leads to the component, whichever process is behind it. The host owns the
 * connections: settings of connections, such as keep-alive or TLS, have no effect here.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ComponentChannelFactory extends DefaultGrpcChannelFactory<ComponentChannelBuilder>
		implements Ordered {

	/**
	 * Prefix of the targets, which the name of a component follows.
	 */
	public static final String PREFIX = "pluggable:";

	private final UnaryOperator<String> targets;

	private final ComponentChannels channels;

	/**
	 * Create a factory.
	 * @param targets returns the target of a channel with a name, and any other text as
	 * it is
	 * @param channels finds the channel of a component
	 * @param customizer customizes each builder of a channel; receives the name of the
	 * channel and the builder
	 * @param context the application
	 */
	public ComponentChannelFactory(UnaryOperator<String> targets, ComponentChannels channels,
			BiConsumer<String, ManagedChannelBuilder<?>> customizer, ApplicationContext context) {
		super(List.of(customizer::accept), new OwnInterceptors(context));
		this.targets = targets;
		this.channels = channels;
		setVirtualTargets(targets::apply);
	}

	/**
	 * Other factories support any target.
	 */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public boolean supports(String target) {
		return this.targets.apply(target).startsWith(PREFIX);
	}

	@Override
	public ManagedChannel createChannel(String target, ChannelBuilderOptions options) {
		String resolved = this.targets.apply(target);
		try {
			return super.createChannel(target, options);
		}
		catch (ComponentChannels.NoChannelException ex) {
			String problem = String.valueOf(ex.getMessage());
			if (resolved.equals(target)) {
				throw new FailureAnalyzedException(
						"The target '" + target + "' of a gRPC channel leads nowhere: " + problem, ex.action(), ex);
			}
			throw new InvalidConfigurationPropertyValueException("spring.grpc.client.channel." + target + ".target",
					resolved, problem + " " + ex.action());
		}
	}

	@Override
	protected ComponentChannelBuilder newChannelBuilder(String target, ChannelCredentials credentials) {
		Channel channel = this.channels.get(target.substring(PREFIX.length()));
		return new ComponentChannelBuilder(channel);
	}

	/**
	 * Applies the interceptors of a channel. The global interceptors are on the
	 * connections of the host.
	 */
	private static final class OwnInterceptors extends ClientInterceptorsConfigurer {

		OwnInterceptors(ApplicationContext context) {
			super(context);
		}

		@Override
		protected void configureInterceptors(ManagedChannelBuilder<?> builder, List<ClientInterceptor> interceptors,
				boolean mergeWithGlobalInterceptors, GrpcChannelFactory factory) {
			// The builder calls the last interceptor first.
			List<ClientInterceptor> ordered = new ArrayList<>(interceptors);
			Collections.reverse(ordered);
			builder.intercept(ordered);
		}

	}

}
