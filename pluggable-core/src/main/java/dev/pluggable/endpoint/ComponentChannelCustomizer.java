package dev.pluggable.endpoint;

import io.grpc.CallOptions;
import io.grpc.ManagedChannelBuilder;

/**
 * Changes the channels to components. The host applies a customizer to the channel of
 * each new generation, and to each brokered connection that a plugin serves, after its
 * own settings. A customizer must not block, and may be called by several threads.
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
	 * Option of each call: the name of the endpoint that the call goes to, which is the
	 * name of the plugin for a launched process. An interceptor of the channel can read
	 * the option.
	 */
	CallOptions.Key<String> ENDPOINT = CallOptions.Key.create("pluggable-endpoint");

	/**
	 * Option of each call on a brokered connection: the purpose of the connection.
	 * {@code null} for a call on the main connection.
	 */
	CallOptions.Key<String> CONNECTION = CallOptions.Key.create("pluggable-connection");

	/**
	 * Customize a channel before the host builds the channel. An exception fails this
	 * attempt to connect; the host repeats the attempt with a growing delay. An exception
	 * for a brokered connection fails that connection.
	 * @param endpoint name of the endpoint, which is the name of the plugin for a
	 * launched process
	 * @param builder builder of the channel
	 */
	void customize(String endpoint, ManagedChannelBuilder<?> builder);

}
