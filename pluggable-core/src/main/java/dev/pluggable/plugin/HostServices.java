package dev.pluggable.plugin;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.grpc.Attributes;
import io.grpc.ServerServiceDefinition;

/**
 * The gRPC services that the application offers to plugins, by their full names. A plugin
 * reaches one only after it was given its number. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class HostServices {

	/**
	 * Where {@link dev.pluggable.ComponentGeneration#attributes()} has the services that
	 * are offered to a launched plugin.
	 */
	public static final Attributes.Key<HostServices> KEY = Attributes.Key.create("dev.pluggable.plugin.host-services");

	private static final HostServices NONE = new HostServices(List.of());

	private final Map<String, ServerServiceDefinition> services;

	private HostServices(Collection<ServerServiceDefinition> services) {
		Map<String, ServerServiceDefinition> byName = new TreeMap<>();
		for (ServerServiceDefinition service : services) {
			String name = service.getServiceDescriptor().getName();
			if (byName.putIfAbsent(name, service) != null) {
				throw new IllegalArgumentException(
						"There are two host services '" + name + "'; only one of them can be offered to plugins");
			}
		}
		this.services = Collections.unmodifiableMap(byName);
	}

	/**
	 * Services to offer.
	 * @param services the services
	 * @return all of them
	 * @throws IllegalArgumentException if two have the same name
	 */
	public static HostServices of(Collection<ServerServiceDefinition> services) {
		return services.isEmpty() ? NONE : new HostServices(services);
	}

	/**
	 * No services.
	 * @return none
	 */
	public static HostServices none() {
		return NONE;
	}

	/**
	 * Full names of the services.
	 * @return the names in alphabetical order
	 */
	public Set<String> names() {
		return this.services.keySet();
	}

	/**
	 * A service.
	 * @param name its full name, such as {@code example.v1.Keystore}
	 * @return the service
	 * @throws PluginException if there is no such service
	 */
	public ServerServiceDefinition get(String name) {
		ServerServiceDefinition service = this.services.get(name);
		if (service == null) {
			throw new PluginException("There is no host service '" + name + "'; the application offers "
					+ (this.services.isEmpty() ? "none" : String.join(", ", names())));
		}
		return service;
	}

	@Override
	public String toString() {
		return "HostServices" + names();
	}

}
