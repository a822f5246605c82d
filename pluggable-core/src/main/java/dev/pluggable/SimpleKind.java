package dev.pluggable;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;

import dev.pluggable.internal.support.Names;
import io.grpc.ServiceDescriptor;

/**
 * A kind of which only the interface, the service and the proxy are known.
 *
 * @param <T> the kind's interface
 */
final class SimpleKind<T> implements ComponentKind<T> {

	private final String name;

	private final Class<T> type;

	private final List<String> services;

	private final List<ServiceDescriptor> descriptors;

	private final Function<ComponentClient, T> proxy;

	SimpleKind(String name, Class<T> type, String service, List<ServiceDescriptor> descriptors,
			Function<ComponentClient, T> proxy) {
		Names.requireKind(name);
		this.name = name;
		this.type = Objects.requireNonNull(type, "'type' must not be null");
		this.services = List.of(service);
		this.descriptors = descriptors;
		this.proxy = Objects.requireNonNull(proxy, "'proxy' must not be null");
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public Class<T> type() {
		return this.type;
	}

	@Override
	public List<String> services() {
		return this.services;
	}

	@Override
	public List<ServiceDescriptor> serviceDescriptors() {
		return this.descriptors;
	}

	@Override
	public T createProxy(ComponentClient client) {
		return this.proxy.apply(client);
	}

	@Override
	public String toString() {
		return "kind '" + this.name + "'";
	}

}
