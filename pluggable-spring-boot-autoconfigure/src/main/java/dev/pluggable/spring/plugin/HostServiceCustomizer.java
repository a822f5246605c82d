package dev.pluggable.spring.plugin;

import io.grpc.ServerServiceDefinition;

/**
 * Changes each service that is offered to plugins, such as by an interceptor. Beans of
 * this type are applied in order.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface HostServiceCustomizer {

	/**
	 * Change a service before it is offered.
	 * @param service the service, with the changes of those before
	 * @return the service to offer, of the same name
	 */
	ServerServiceDefinition customize(ServerServiceDefinition service);

}
