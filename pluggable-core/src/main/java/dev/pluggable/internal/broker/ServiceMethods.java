package dev.pluggable.internal.broker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.grpc.HandlerRegistry;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The methods of a fixed list of services.
 */
final class ServiceMethods extends HandlerRegistry {

	private final List<ServerServiceDefinition> services;

	private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();

	ServiceMethods(List<ServerServiceDefinition> services) {
		this.services = List.copyOf(services);
		for (ServerServiceDefinition service : this.services) {
			for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
				this.methods.put(method.getMethodDescriptor().getFullMethodName(), method);
			}
		}
	}

	@Override
	public List<ServerServiceDefinition> getServices() {
		return this.services;
	}

	@Override
	public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
		return this.methods.get(name);
	}

}
