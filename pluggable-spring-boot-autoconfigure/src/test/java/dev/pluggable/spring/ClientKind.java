package dev.pluggable.spring;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.InitializingGeneration;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;

/**
 * A kind whose proxy gives access to the client of the component.
 *
 * @param name name of the kind
 * @param service full name of the service
 */
public record ClientKind(String name, String service) implements ComponentKind<ComponentClient> {

	@Override
	public Class<ComponentClient> type() {
		return ComponentClient.class;
	}

	@Override
	public List<String> services() {
		return List.of(this.service);
	}

	@Override
	public ComponentClient createProxy(ComponentClient client) {
		return client;
	}

	@Override
	public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		return CompletableFuture.completedFuture(Set.of());
	}

	@Override
	public CompletionStage<?> ping(Channel channel) {
		return CompletableFuture.completedFuture(null);
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<ComponentClient> instances) {
		throw new UnsupportedOperationException();
	}

}
