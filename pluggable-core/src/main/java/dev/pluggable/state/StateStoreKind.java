package dev.pluggable.state;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.InitializingGeneration;
import dev.pluggable.internal.support.OptionalMethods;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.QueriableStateStoreGrpc;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStateStoreGrpc;
import dev.pluggable.proto.components.v1.TransactionalStoreMultiMaxSizeGrpc;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;

/**
 * The kind of state stores, with Dapr's contract ({@code dapr.proto.components.v1}).
 *
 * @since 0.1.0
 */
public final class StateStoreKind implements ComponentKind<StateStore> {

	/**
	 * The only instance.
	 */
	public static final StateStoreKind INSTANCE = new StateStoreKind();

	private StateStoreKind() {
	}

	@Override
	public String name() {
		return "state";
	}

	@Override
	public Class<StateStore> type() {
		return StateStore.class;
	}

	/**
	 * The service that makes a server a state store. The services for transactions, for
	 * queries and for the maximum size of a transaction are optional: calls do not depend
	 * on whether the server lists them.
	 * @return the one service
	 */
	@Override
	public List<String> services() {
		return List.of(StateStoreGrpc.SERVICE_NAME);
	}

	@Override
	public List<ServiceDescriptor> serviceDescriptors() {
		return List.of(OptionalMethods.without(StateStoreGrpc.getServiceDescriptor(), "Ping"),
				TransactionalStateStoreGrpc.getServiceDescriptor(), QueriableStateStoreGrpc.getServiceDescriptor(),
				TransactionalStoreMultiMaxSizeGrpc.getServiceDescriptor());
	}

	@Override
	public StateStore createProxy(ComponentClient client) {
		return new GrpcStateStore(client);
	}

	@Override
	public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		StateProto.InitRequest request = StateProto.InitRequest.newBuilder()
			.setMetadata(CommonProto.MetadataRequest.newBuilder().putAllProperties(context.metadata()))
			.build();
		return ComponentCalls.async(generation.channel(), StateStoreGrpc.getInitMethod(), request)
			.thenCompose((initialized) -> ComponentCalls.async(generation.channel(), StateStoreGrpc.getFeaturesMethod(),
					CommonProto.FeaturesRequest.getDefaultInstance()))
			.thenApply((features) -> Set.copyOf(features.getFeaturesList()));
	}

	/**
	 * Add a prefix to the keys if the metadata contain {@code keyPrefix}: {@code appid},
	 * {@code name}, {@code namespace} or a text.
	 * @throws dev.pluggable.ComponentInitializationException if the prefix is not
	 * possible
	 */
	@Override
	public StateStore decorate(StateStore instance, ComponentContext context) {
		KeyPrefix prefix = KeyPrefix.of(context);
		return (prefix != null) ? new PrefixedStateStore(instance, prefix) : instance;
	}

	@Override
	public CompletionStage<?> ping(Channel channel) {
		return ComponentCalls.async(channel, StateStoreGrpc.getPingMethod(),
				CommonProto.PingRequest.getDefaultInstance());
	}

	@Override
	public Set<String> hostMetadata() {
		return Set.of(KeyPrefix.METADATA);
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<StateStore> instances) {
		return StateStoreService.definitions(instances);
	}

	@Override
	public Set<String> features(StateStore instance) {
		return instance.features();
	}

	@Override
	public Map<String, ComponentFactory<StateStore>> builtIns() {
		return Map.of(IN_MEMORY, (name, metadata) -> new InMemoryStateStore());
	}

}
