package dev.pluggable.plugin;

import java.util.Set;
import java.util.function.UnaryOperator;

import dev.pluggable.Registration;
import io.grpc.Attributes;
import io.grpc.ServerServiceDefinition;

/**
 * The gRPC services that the application offers to its plugins. Each service has its full
 * name, such as {@code example.v1.Keystore}. A plugin can call a service only after the
 * application has served the service on a brokered connection and has sent the id of the
 * connection to the plugin. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface HostServices {

	/**
	 * Key of the host services in {@link dev.pluggable.ComponentGeneration#attributes()}.
	 * Only the generations of a launched plugin have this attribute.
	 */
	Attributes.Key<HostServices> KEY = Attributes.Key.create("dev.pluggable.plugin.host-services");

	/**
	 * Offer a service.
	 * @param service the service
	 * @return ends the offer; connections that are served already stay
	 * @throws IllegalArgumentException if a service of the same name is already offered
	 */
	Registration add(ServerServiceDefinition service);

	/**
	 * Announce further services. While an announcement is open, no remote object is
	 * created, because its creator may need one of the services.
	 * @return the announcement; the caller closes it after the last {@link #add}
	 */
	Registration expectMore();

	/**
	 * Whether all services are there.
	 * @return {@code false} while an announcement of {@link #expectMore()} is open
	 */
	boolean isComplete();

	/**
	 * Customize everything that the application serves to plugins on brokered connections
	 * from now on, for example with interceptors: services of remote objects, services
	 * that are served directly, and proxies. A service that was offered by {@link #add}
	 * is served as it is. For a proxy, the customizer gets a service with the one method
	 * of each call; its messages are bytes.
	 * @param customizer returns the service to serve, with the same name and methods;
	 * replaces an earlier customizer; must be safe for use by many threads
	 */
	void customize(UnaryOperator<ServerServiceDefinition> customizer);

	/**
	 * Full names of the services.
	 * @return a copy, in alphabetical order
	 */
	Set<String> names();

	/**
	 * Look up a service.
	 * @param name full name of the service
	 * @return the service
	 * @throws PluginException if the application does not offer the service
	 */
	ServerServiceDefinition get(String name);

}
