package dev.pluggable.spring.health;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.pluggable.Component;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.grpc.DynamicServiceKind;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.listener.ListenerRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;

/**
 * Health of discovery, components, endpoints and plugins. Each request shows the current
 * children: {@code discovery}, each component by its id, each endpoint as
 * {@code endpoint:<name>}, and each launched plugin as {@code plugin:<name>}. The
 * contributor calls no component, and reports the results of the last probes of the host.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class PluggableHealthContributor implements CompositeHealthContributor {

	/**
	 * Prefix of the names of plugin children. Names of components contain no colon.
	 */
	public static final String PLUGIN_PREFIX = "plugin:";

	private static final String ENDPOINT_PREFIX = "endpoint:";

	private static final Instant BEGIN = Instant.now();

	private static final long BEGIN_NANOS = System.nanoTime();

	private final ComponentHost host;

	private final @Nullable ComponentBeans beans;

	private final @Nullable ListenerRegistry listeners;

	private final @Nullable Plugins plugins;

	public PluggableHealthContributor(ComponentHost host, @Nullable ComponentBeans beans,
			@Nullable ListenerRegistry listeners, @Nullable Plugins plugins) {
		this.host = host;
		this.beans = beans;
		this.listeners = listeners;
		this.plugins = plugins;
	}

	@Override
	public @Nullable HealthContributor getContributor(String name) {
		return stream().filter((entry) -> entry.name().equals(name))
			.map(HealthContributors.Entry::contributor)
			.findFirst()
			.orElse(null);
	}

	@Override
	public Stream<HealthContributors.Entry> stream() {
		Set<String> used = this.host.registry()
			.components()
			.stream()
			.map(Component::endpoint)
			.filter(Objects::nonNull)
			.collect(Collectors.toSet());
		return Stream.of(discovery(), components(), endpoints(used), plugins()).flatMap((entries) -> entries);
	}

	private Stream<HealthContributors.Entry> discovery() {
		return Stream.of(new HealthContributors.Entry(ComponentHost.RESERVED_NAME,
				new DiscoveryHealthIndicator(this.host, ListenerNotes.waiting(this.listeners))));
	}

	private Stream<HealthContributors.Entry> components() {
		return this.host.registry()
			.components()
			.stream()
			.filter(PluggableHealthContributor::isShown)
			.map((component) -> new HealthContributors.Entry(component.id(),
					new ComponentHealthIndicator(component, this.beans, ListenerNotes.of(this.listeners, component))));
	}

	/**
	 * Return whether a component has a health of its own. A service that the application
	 * does not know is as well as its endpoint.
	 */
	private static boolean isShown(Component<?> component) {
		return component.declared() || component.kind() != DynamicServiceKind.INSTANCE;
	}

	private Stream<HealthContributors.Entry> endpoints(Set<String> used) {
		return this.host.endpoints()
			.stream()
			.map((endpoint) -> new HealthContributors.Entry(ENDPOINT_PREFIX + endpoint.name(),
					indicator(endpoint, used.contains(endpoint.name()))));
	}

	private Stream<HealthContributors.Entry> plugins() {
		return (this.plugins == null) ? Stream.empty()
				: this.plugins.statuses()
					.stream()
					.map((plugin) -> new HealthContributors.Entry(PLUGIN_PREFIX + plugin.name(),
							new PluginHealthIndicator(plugin, PluggableHealthContributor::processTime)));
	}

	/**
	 * The time on which a process started as the JVM tells it: the time of the system
	 * clock when the JVM started, and from then on that of the monotonic clock.
	 */
	private static Instant processTime() {
		return BEGIN.plusNanos(System.nanoTime() - BEGIN_NANOS);
	}

	private EndpointHealthIndicator indicator(EndpointStatus endpoint, boolean used) {
		return new EndpointHealthIndicator(endpoint, used, this.host.conflicts(endpoint.name()));
	}

}
