package dev.pluggable.internal.broker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import dev.pluggable.internal.support.StatusLimit;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * The services of one brokered connection, as the customizer of the application makes
 * them. The customizer may come after the connection. Safe for use by many threads.
 */
final class CustomizedServices extends HandlerRegistry {

	private final List<ServerServiceDefinition> services;

	private final @Nullable CallProxy proxy;

	private final HostServiceRegistry registry;

	private final StatusLimit limit = new StatusLimit();

	private volatile @Nullable Customized customized;

	private CustomizedServices(List<ServerServiceDefinition> services, @Nullable CallProxy proxy,
			HostServiceRegistry registry) {
		this.services = services;
		this.proxy = proxy;
		this.registry = registry;
	}

	/**
	 * Create a registry of services.
	 * @param registry knows the customizer
	 */
	static CustomizedServices of(List<ServerServiceDefinition> services, HostServiceRegistry registry) {
		return new CustomizedServices(List.copyOf(services), null, registry);
	}

	/**
	 * Create a registry of all methods that a proxy forwards.
	 * @param registry knows the customizer
	 */
	static CustomizedServices of(CallProxy proxy, HostServiceRegistry registry) {
		return new CustomizedServices(List.of(), proxy, registry);
	}

	@Override
	public List<ServerServiceDefinition> getServices() {
		return this.services;
	}

	@Override
	public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
		String service = MethodDescriptor.extractFullServiceName(name);
		if (service == null) {
			return null;
		}
		UnaryOperator<ServerServiceDefinition> customizer = this.registry.customizer();
		ServerServiceDefinition definition;
		if (this.proxy == null) {
			definition = customized(customizer).services().get(service);
		}
		else {
			ServerMethodDefinition<?, ?> method = this.proxy.lookupMethod(name, authority);
			if (customizer == HostServiceRegistry.NONE) {
				return method;
			}
			definition = customizer.apply(forwarded(service, method));
		}
		return (definition != null) ? definition.getMethod(name) : null;
	}

	private static ServerServiceDefinition forwarded(String service, ServerMethodDefinition<?, ?> method) {
		return ServerServiceDefinition
			.builder(ServiceDescriptor.newBuilder(service).addMethod(method.getMethodDescriptor()).build())
			.addMethod(method)
			.build();
	}

	private Customized customized(UnaryOperator<ServerServiceDefinition> customizer) {
		Customized customized = this.customized;
		if (customized == null || customized.customizer() != customizer) {
			Map<String, ServerServiceDefinition> services = new HashMap<>();
			for (ServerServiceDefinition service : this.services) {
				ServerServiceDefinition made = this.registry.isOffered(service) ? service : customizer.apply(service);
				services.put(service.getServiceDescriptor().getName(), ServerInterceptors.intercept(made, this.limit));
			}
			customized = new Customized(customizer, services);
			this.customized = customized;
		}
		return customized;
	}

	/**
	 * The services by name.
	 *
	 * @param customizer the customizer that has made them
	 */
	private record Customized(UnaryOperator<ServerServiceDefinition> customizer,
			Map<String, ServerServiceDefinition> services) {
	}

}
