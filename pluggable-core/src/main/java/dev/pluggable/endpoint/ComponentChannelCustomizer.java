package dev.pluggable.endpoint;

import io.grpc.CallOptions;
import io.grpc.ManagedChannelBuilder;

/**
 * Changes the channels to components. The host applies a customizer to the channel of
 * each new generation, after its own settings. The host calls a customizer on its one
 * thread, so a customizer must not block.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ComponentChannelCustomizer {

	/**
	 * Option of a call that the host makes for itself: to list services, to initialise a
	 * component, or to probe it. {@code false} for calls of the application. An
	 * interceptor of the channel can read the option.
	 */
	CallOptions.Key<Boolean> HOST_CALL = CallOptions.Key.createWithDefault("pluggable-host-call", false);

	/**
	 * Customize a channel before the host builds the channel. An exception fails this
	 * attempt to connect; the host repeats the attempt with a growing delay.
	 * @param endpoint name of the endpoint
	 * @param builder builder of the channel
	 */
	void customize(String endpoint, ManagedChannelBuilder<?> builder);

}
