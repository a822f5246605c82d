package dev.pluggable.internal.host;

import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import dev.pluggable.Component;
import dev.pluggable.ComponentEvent;
import dev.pluggable.ComponentState;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointListener;
import dev.pluggable.internal.endpoint.EndpointSource;

/**
 * Passes on what happens to endpoints and components, to the parts of the host that have
 * to know.
 */
public final class HostListener implements EndpointListener {

	private final HostRegistry registry;

	private final DiscoveredComponents discovered;

	private final List<EndpointSource> sources;

	private final Readiness readiness;

	private final Runnable reconcile;

	private final BooleanSupplier looking;

	private final Consumer<Component<?>> changed;

	/**
	 * Create a listener.
	 * @param registry the components
	 * @param discovered hears which services an endpoint has
	 * @param sources hear of changes of endpoints; may grow until the host starts
	 * @param readiness is checked after each change
	 * @param reconcile asks for a reconciliation soon
	 * @param looking whether the host looks for endpoints for the first time
	 * @param changed hears of each change of a component
	 */
	public HostListener(HostRegistry registry, DiscoveredComponents discovered, List<EndpointSource> sources,
			Readiness readiness, Runnable reconcile, BooleanSupplier looking, Consumer<Component<?>> changed) {
		this.registry = registry;
		this.discovered = discovered;
		this.sources = sources;
		this.readiness = readiness;
		this.reconcile = reconcile;
		this.looking = looking;
		this.changed = changed;
	}

	@Override
	public void identified(Endpoint endpoint, Set<String> services) {
		this.discovered.identified(endpoint, services);
	}

	@Override
	public boolean isComing(Endpoint endpoint) {
		return this.looking.getAsBoolean()
				|| !this.sources.stream().allMatch((source) -> source.isSettled(endpoint.name()));
	}

	@Override
	public void changed(Endpoint endpoint) {
		if (endpoint.status().state() == EndpointState.LOST) {
			// Another process may have replaced the lost one already.
			this.reconcile.run();
		}
		this.sources.forEach((source) -> source.endpointChanged(endpoint));
		this.readiness.check();
	}

	@Override
	public void initialized(Endpoint endpoint) {
		this.sources.forEach((source) -> source.endpointChanged(endpoint));
	}

	@Override
	public void componentChanged(ComponentEvent event) {
		Component<?> component = event.component();
		boolean known = this.registry.contains(component);
		boolean gone = event.status().state() == ComponentState.GONE;
		if (gone && known) {
			this.registry.remove(component);
		}
		else if (!gone && !known) {
			this.registry.add(component);
		}
		else if (!gone) {
			this.registry.publish(event);
		}
		this.changed.accept(component);
		this.readiness.check();
	}

}
