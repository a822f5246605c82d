package dev.pluggable.autoconfigure.endpoint;

import dev.pluggable.autoconfigure.ComponentBeans;
import dev.pluggable.autoconfigure.endpoint.PluggableDescriptor.ComponentDescriptor;
import dev.pluggable.host.ComponentHost;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@link Endpoint @Endpoint} that shows the watched folders with what is in them, the
 * endpoints with their connections, and the components. It calls no component, and shows
 * neither metadata nor data of any.
 *
 * @since 0.1.0
 */
@Endpoint(id = "pluggable")
public final class PluggableEndpoint {

	private final ComponentHost host;

	private final @Nullable ComponentBeans beans;

	/**
	 * An endpoint that shows what a host knows.
	 * @param host the host
	 * @param beans knows the beans of the components, {@code null} if they are none
	 */
	public PluggableEndpoint(ComponentHost host, @Nullable ComponentBeans beans) {
		this.host = host;
		this.beans = beans;
	}

	/**
	 * Everything that the host knows at this moment.
	 * @return the description
	 */
	@ReadOperation
	public PluggableDescriptor pluggable() {
		return PluggableDescriptor.of(this.host, this.beans);
	}

	/**
	 * What the host knows of one component.
	 * @param id id of the component: the name of a declared one, {@code <name>.<kind>} of
	 * any other
	 * @return the description, {@code null} if there is no such component
	 */
	@ReadOperation
	public @Nullable ComponentDescriptor component(@Selector String id) {
		return this.host.registry()
			.components()
			.stream()
			.filter((component) -> component.id().equals(id))
			.findFirst()
			.map((component) -> ComponentDescriptor.of(component, this.beans))
			.orElse(null);
	}

}
