package dev.pluggable.spring.endpoint;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.endpoint.PluggableDescriptor.ComponentDescriptor;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.listener.ListenerRegistry;
import dev.pluggable.spring.server.ComponentServers;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@link Endpoint @Endpoint} that shows the watched folders and their content, the
 * endpoints and their connections, the components, the launched plugins, and the
 * components that the application serves. The endpoint calls no component, and shows
 * neither metadata nor data of components. Write operations start, stop and restart
 * plugins. They are disabled by default.
 *
 * @since 0.1.0
 */
@Endpoint(id = "pluggable", defaultAccess = Access.READ_ONLY)
public final class PluggableEndpoint {

	private final @Nullable ComponentHost host;

	private final @Nullable ComponentBeans beans;

	private final @Nullable ListenerRegistry listeners;

	private final @Nullable ComponentServers servers;

	private final @Nullable Plugins plugins;

	/**
	 * Create an endpoint for a host and the servers of an application.
	 * @param host the host, {@code null} if the application has none
	 * @param beans finds the beans of components, {@code null} if components are not
	 * beans
	 * @param listeners the registry of listeners, {@code null} if there is none
	 * @param servers the servers, {@code null} if the application serves no components
	 * @param plugins the launched plugins, {@code null} if the application has no host
	 */
	public PluggableEndpoint(@Nullable ComponentHost host, @Nullable ComponentBeans beans,
			@Nullable ListenerRegistry listeners, @Nullable ComponentServers servers, @Nullable Plugins plugins) {
		this.host = host;
		this.beans = beans;
		this.listeners = listeners;
		this.servers = servers;
		this.plugins = plugins;
	}

	/**
	 * Describe the current state of the host and the servers.
	 * @return the description
	 */
	@ReadOperation
	public PluggableDescriptor pluggable() {
		return PluggableDescriptor.of(this.host, this.beans, this.listeners, this.servers, this.plugins);
	}

	/**
	 * Describe one component.
	 * @param id id of the component: the name of a declared component, or
	 * {@code <name>.<kind>} for any other component
	 * @return the description, {@code null} if there is no such component
	 */
	@ReadOperation
	public @Nullable ComponentDescriptor component(@Selector String id) {
		if (this.host == null) {
			return null;
		}
		return this.host.registry()
			.components()
			.stream()
			.filter((component) -> component.id().equals(id))
			.findFirst()
			.map((component) -> ComponentDescriptor.of(component, this.beans))
			.orElse(null);
	}

}
