package dev.pluggable.secrets;

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
import dev.pluggable.proto.components.v1.SecretStoreGrpc;
import dev.pluggable.proto.components.v1.SecretStoreProto;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;

/**
 * The kind of secret stores, with Dapr's contract ({@code dapr.proto.components.v1}). The
 * built-in stores read secrets from the environment ({@code env}), from a file
 * ({@code file}) and from a directory ({@code config-tree}); the application has to
 * declare them.
 *
 * @since 0.1.0
 */
public final class SecretStoreKind implements ComponentKind<SecretStore> {

	/**
	 * The only instance.
	 */
	public static final SecretStoreKind INSTANCE = new SecretStoreKind();

	private SecretStoreKind() {
	}

	@Override
	public String name() {
		return "secretstores";
	}

	@Override
	public Class<SecretStore> type() {
		return SecretStore.class;
	}

	@Override
	public List<String> services() {
		return List.of(SecretStoreGrpc.SERVICE_NAME);
	}

	@Override
	public List<ServiceDescriptor> serviceDescriptors() {
		return List.of(OptionalMethods.without(SecretStoreGrpc.getServiceDescriptor(), "Ping"));
	}

	@Override
	public SecretStore createProxy(ComponentClient client) {
		return new GrpcSecretStore(client);
	}

	@Override
	public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		SecretStoreProto.SecretStoreInitRequest request = SecretStoreProto.SecretStoreInitRequest.newBuilder()
			.setMetadata(CommonProto.MetadataRequest.newBuilder().putAllProperties(context.metadata()))
			.build();
		return ComponentCalls.async(generation.channel(), SecretStoreGrpc.getInitMethod(), request)
			.thenCompose((initialized) -> ComponentCalls.async(generation.channel(),
					SecretStoreGrpc.getFeaturesMethod(), CommonProto.FeaturesRequest.getDefaultInstance()))
			.thenApply((features) -> Set.copyOf(features.getFeaturesList()));
	}

	@Override
	public CompletionStage<?> ping(Channel channel) {
		return ComponentCalls.async(channel, SecretStoreGrpc.getPingMethod(),
				CommonProto.PingRequest.getDefaultInstance());
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<SecretStore> instances) {
		return List.of(new SecretStoreService(instances).bindService());
	}

	@Override
	public Set<String> features(SecretStore instance) {
		return instance.features();
	}

	/**
	 * The built-in stores. A store that Dapr offers, too, has Dapr's name as a second
	 * one.
	 * @return factories by the name of the implementation
	 */
	@Override
	public Map<String, ComponentFactory<SecretStore>> builtIns() {
		ComponentFactory<SecretStore> environment = (name, metadata) -> EnvironmentSecretStore.create(metadata);
		ComponentFactory<SecretStore> file = (name, metadata) -> FileSecretStore.create(metadata);
		return Map.of("env", environment, "local.env", environment, "file", file, "local.file", file, "config-tree",
				(name, metadata) -> ConfigTreeSecretStore.create(metadata));
	}

}
