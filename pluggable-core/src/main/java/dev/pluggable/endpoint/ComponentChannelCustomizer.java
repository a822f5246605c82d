package dev.pluggable.endpoint;

import io.grpc.ManagedChannelBuilder;

/**
 * Changes how channels to components are built. Applied last, to the channel of each new
 * generation.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ComponentChannelCustomizer {

	/**
	 * Customize a channel before it is built.
	 * @param endpoint name of the endpoint
	 * @param builder builder of the channel
	 */
	void customize(String endpoint, ManagedChannelBuilder<?> builder);

}
