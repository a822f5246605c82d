package dev.pluggable.internal.host;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.Component;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentKind;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.RemoteComponent;
import dev.pluggable.internal.reflection.ServiceKind;
import dev.pluggable.internal.support.Names;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes a component for each kind that an endpoint serves and that no declaration
 * uses. All methods belong to the host's thread.
 */
public final class DiscoveredComponents {

	private static final Logger logger = LoggerFactory.getLogger(DiscoveredComponents.class);

	/**
	 * Beginnings of the names of services that a server offers about itself, and of those
	 * that the protocol of plugins has.
	 */
	private static final List<String> ABOUT_SERVERS = List.of("grpc.health.", "grpc.reflection.", "grpc.channelz.",
			"grpc.admin.", "plugin.GRPCBroker", "plugin.GRPCController", "plugin.GRPCStdio");

	/**
	 * Most services of one server that become components although no kind has them.
	 */
	private static final int MAX_UNKNOWN_SERVICES = 100;

	/**
	 * The longest name of a service that is published, in characters.
	 */
	private static final int MAX_SERVICE_NAME = 200;

	private final HostRegistry registry;

	private final HostEndpoints endpoints;

	private final Implementations implementations;

	private final @Nullable ComponentSettings settings;

	private final boolean unknownServices;

	private final ApplicationIdentity application;

	/**
	 * No components yet.
	 * @param registry gets the components
	 * @param endpoints gets the reasons why a kind is not published
	 * @param implementations the types that are built in
	 * @param settings limits of the components, {@code null} to publish none
	 * @param unknownServices whether services that no kind has are published, too
	 * @param application the application that uses the components
	 */
	public DiscoveredComponents(HostRegistry registry, HostEndpoints endpoints, Implementations implementations,
			@Nullable ComponentSettings settings, boolean unknownServices, ApplicationIdentity application) {
		this.registry = registry;
		this.endpoints = endpoints;
		this.implementations = implementations;
		this.settings = settings;
		this.unknownServices = unknownServices;
		this.application = application;
	}

	/**
	 * The services of an endpoint are known.
	 * @param endpoint the endpoint
	 * @param services full names of the services
	 */
	public void identified(Endpoint endpoint, Set<String> services) {
		Map<String, String> conflicts = new LinkedHashMap<>();
		List<ComponentKind<?>> offered = offered(endpoint, services);
		for (ComponentKind<?> kind : offered) {
			String conflict = tryPublish(endpoint, kind);
			if (conflict != null) {
				conflicts.put(kind.name(), conflict);
			}
		}
		if (offered.isEmpty() && endpoint.components().isEmpty()) {
			conflicts.put("anything",
					isIdle(services) ? "it offers no service that a component could have"
							: "it offers none of the known kinds "
									+ this.registry.kinds().stream().map(ComponentKind::name).toList());
		}
		publishServices(endpoint, services, conflicts);
		Map<String, String> before = this.endpoints.conflicts(endpoint, conflicts);
		if (!conflicts.equals(before)) {
			conflicts.forEach((kind, reason) -> logger.warn("Not publishing {} of endpoint '{}': {}", kind,
					endpoint.name(), reason));
		}
	}

	/**
	 * Find the kinds that an endpoint offers. Kinds without services are kinds of servers
	 * that no other kind knows.
	 */
	private List<ComponentKind<?>> offered(Endpoint endpoint, Set<String> services) {
		List<ComponentKind<?>> known = new ArrayList<>();
		List<ComponentKind<?>> others = new ArrayList<>();
		for (ComponentKind<?> kind : this.registry.kinds()) {
			if (kind.services().stream().anyMatch(services::contains)) {
				known.add(kind);
			}
			else if (kind.services().isEmpty() && !(kind instanceof ServiceKind)) {
				others.add(kind);
			}
		}
		return (known.isEmpty() && endpoint.components().isEmpty() && !isIdle(services)) ? others : known;
	}

	/**
	 * Publish a component for each service that no kind has.
	 */
	private void publishServices(Endpoint endpoint, Set<String> services, Map<String, String> conflicts) {
		if (!this.unknownServices || this.settings == null) {
			return;
		}
		Set<String> known = new HashSet<>();
		for (ComponentKind<?> kind : this.registry.kinds()) {
			known.addAll(kind.services());
			kind.serviceDescriptors().forEach((service) -> known.add(service.getName()));
		}
		List<String> unknown = services.stream()
			.filter((service) -> !known.contains(service) && !isAboutServer(service) && canBeName(endpoint, service))
			.sorted()
			.toList();
		for (ComponentKind<?> kind : this.registry.kinds()) {
			if (kind instanceof ServiceKind) {
				if (unknown.size() > MAX_UNKNOWN_SERVICES) {
					conflicts.put(kind.name(), "it offers " + unknown.size() + " services that no kind has, and "
							+ MAX_UNKNOWN_SERVICES + " of them are published; declare each other one");
				}
				unknown.stream()
					.limit(MAX_UNKNOWN_SERVICES)
					.forEach((service) -> tryPublish(endpoint, kind, service, conflicts));
			}
		}
	}

	private void tryPublish(Endpoint endpoint, ComponentKind<?> kind, String service, Map<String, String> conflicts) {
		if (endpoint.components()
			.stream()
			.anyMatch((component) -> component.kind() == kind && component.requiredServices().contains(service))) {
			return;
		}
		String name = endpoint.name() + "." + service;
		if (this.registry.find(kind, name).isPresent() || this.registry.hasId(name + "." + kind.name())) {
			conflicts.put(service, "a component '" + name + "' exists; use another name for the socket");
			return;
		}
		try {
			add(endpoint, kind, name, List.of(service));
		}
		catch (RuntimeException | Error ex) {
			logger.error("A component cannot be created for the service {} of endpoint '{}'", service, endpoint.name(),
					ex);
			conflicts.put(service, "a component of this service cannot be created: " + ex);
		}
	}

	/**
	 * Tell whether a server offers nothing but what servers offer about themselves.
	 */
	private static boolean isIdle(Set<String> services) {
		return services.stream().allMatch(DiscoveredComponents::isAboutServer);
	}

	/**
	 * Tell whether the name of a service may be part of a component's name, which is
	 * shown everywhere. A server can give its services any names, also with secrets in
	 * them.
	 */
	private static boolean canBeName(Endpoint endpoint, String service) {
		return service.length() <= MAX_SERVICE_NAME && Names.isName(service)
				&& endpoint.secrets().mask().mask(service).equals(service);
	}

	private static boolean isAboutServer(String service) {
		return ABOUT_SERVERS.stream().anyMatch(service::startsWith);
	}

	private @Nullable String tryPublish(Endpoint endpoint, ComponentKind<?> kind) {
		try {
			return publish(endpoint, kind);
		}
		catch (RuntimeException | Error ex) {
			logger.error("A component of kind {} cannot be created for endpoint '{}'", kind.name(), endpoint.name(),
					ex);
			return "a component of this kind cannot be created: " + ex;
		}
	}

	/**
	 * Publish a component, unless the endpoint has one of its kind already.
	 * @return why the component is not published, {@code null} if nothing is wrong
	 */
	private <T> @Nullable String publish(Endpoint endpoint, ComponentKind<T> kind) {
		if (endpoint.components().stream().anyMatch((component) -> standsFor(component, kind))) {
			return null;
		}
		String name = endpoint.name();
		ComponentType type = new ComponentType(kind.typePrefix(), name);
		if (this.implementations.contains(type.kind(), type.implementation())) {
			return "'" + type + "' is the name of a built-in type, which stays; use another name for the socket";
		}
		if (this.registry.find(kind, name).isPresent()) {
			return "a " + kind.name() + " component '" + name
					+ "' is declared with another type; use another name for the socket or for the component";
		}
		String id = name + "." + kind.name();
		if (this.registry.hasId(id)) {
			return "a component '" + id + "' is declared; use another name for the socket or for the component";
		}
		add(endpoint, kind, name, List.of());
		return null;
	}

	private <T> void add(Endpoint endpoint, ComponentKind<T> kind, String name, List<String> services) {
		if (this.settings != null) {
			ComponentContext context = new ComponentContext(name, new ComponentType(kind.typePrefix(), endpoint.name()),
					Map.of(), this.application);
			RemoteComponent<T> component = new RemoteComponent<>(kind, context, false, false, this.settings, endpoint,
					services, null);
			endpoint.attach(component);
			this.registry.add(component);
		}
	}

	/**
	 * Whether a component on an endpoint takes the place of a discovered one. A
	 * declaration stands for all kinds with its prefix, also for those that its metadata
	 * exclude.
	 */
	private static boolean standsFor(Component<?> component, ComponentKind<?> kind) {
		return component.kind().name().equals(kind.name())
				|| (component.declared() && component.kind().typePrefix().equals(kind.typePrefix()));
	}

}
