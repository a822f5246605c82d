package dev.pluggable.plugin;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;

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

	private final Map<String, ServerServiceDefinition> services = new ConcurrentSkipListMap<>();

	/**
	 * Offer a service from now on.
	 * @param service the service
	 * @throws IllegalArgumentException if there is one of its name already
	 */
	public void add(ServerServiceDefinition service) {
		String name = service.getServiceDescriptor().getName();
		if (this.services.putIfAbsent(name, service) != null) {
			throw new IllegalArgumentException(
					"There are two host services '" + name + "'; only one of them can be offered to plugins");
		}
	}

	/**
	 * Full names of the services.
	 * @return a copy, in alphabetical order
	 */
	public Set<String> names() {
		return new TreeSet<>(this.services.keySet());
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
