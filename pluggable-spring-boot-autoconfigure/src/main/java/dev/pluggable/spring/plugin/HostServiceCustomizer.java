package dev.pluggable.spring.plugin;

import io.grpc.ServerServiceDefinition;

/**
 * Customizes each gRPC service that is offered to plugins, for example with an
 * interceptor. Beans of this type are applied in order.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface HostServiceCustomizer {

	/**
	 * Customize a service before the service is offered.
	 * @param service the service, with the changes of earlier customizers
	 * @return the service to offer, with the same name
	 */
	ServerServiceDefinition customize(ServerServiceDefinition service);

}
