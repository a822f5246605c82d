package dev.pluggable.spring.plugin;

import io.grpc.ServerServiceDefinition;

/**
 * Customizes each gRPC service that the application serves to plugins on brokered
 * connections, for example with an interceptor: host services, services of remote
 * objects, and proxies. For a proxy, the customizer gets a service with the one method of
 * each call, whose messages are bytes. An interceptor finds the name of the plugin and
 * the purpose of the connection in the attributes of the call, with the keys
 * {@link dev.pluggable.plugin.PluginBroker#PLUGIN} and
 * {@link dev.pluggable.plugin.PluginBroker#CONNECTION}. Beans of this type are applied in
 * order, to calls that arrive after all singletons exist. A customizer must be safe for
 * use by many threads.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface HostServiceCustomizer {

	/**
	 * Customize a service.
	 * @param service the service, with the changes of earlier customizers
	 * @return the service to serve, with the same name and methods
	 */
	ServerServiceDefinition customize(ServerServiceDefinition service);

}
