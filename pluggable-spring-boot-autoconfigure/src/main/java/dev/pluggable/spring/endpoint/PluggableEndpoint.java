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
 * {@link Endpoint @Endpoint} that shows the watched folders with what is in them, the
 * endpoints with their connections, the components, the launched plugins, and what the
 * application itself serves. It calls no component, and shows neither metadata nor data
 * of any. Where it is to be written to, which is off by default, plugins are started,
 * stopped and restarted by it.
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
	 * An endpoint that shows what a host knows and what is served.
	 * @param host the host, {@code null} if the application has none
	 * @param beans knows the beans of the components, {@code null} if they are none
	 * @param listeners knows the listeners, {@code null} if there are none
	 * @param servers what the application serves, {@code null} if it is no component
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
	 * Everything that is known at this moment.
	 * @return the description
	 */
	@ReadOperation
	public PluggableDescriptor pluggable() {
		return PluggableDescriptor.of(this.host, this.beans, this.listeners, this.servers, this.plugins);
	}

	/**
	 * Describe one component.
	 * @param id id of the component: the name of a declared one, {@code <name>.<kind>} of
	 * any other
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
