package dev.pluggable.pubsub;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentInstances;
import dev.pluggable.InitializingGeneration;
import dev.pluggable.internal.support.OptionalMethods;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservableKind;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;

/**
 * The kind of pub/sub components, with Dapr's contract
 * ({@code dapr.proto.components.v1}).
 *
 * @since 0.1.0
 */
public final class PubSubKind implements ObservableKind<PubSub> {

	/**
	 * The only instance.
	 */
	public static final PubSubKind INSTANCE = new PubSubKind();

	/**
	 * Metadata with the name of the group of consumers that share the messages of a
	 * topic. As in Dapr, the id of the application is the default.
	 */
	public static final String CONSUMER_ID = "consumerID";

	private PubSubKind() {
	}

	@Override
	public String name() {
		return "pubsub";
	}

	@Override
	public Class<PubSub> type() {
		return PubSub.class;
	}

	@Override
	public List<String> services() {
		return List.of(PubSubGrpc.SERVICE_NAME);
	}

	@Override
	public List<ServiceDescriptor> serviceDescriptors() {
		return List
			.of(OptionalMethods.without(PubSubGrpc.getServiceDescriptor(), "BulkPublish", "Pause", "Resume", "Ping"));
	}

	@Override
	public PubSub createProxy(ComponentClient client) {
		return new GrpcPubSub(client);
	}

	@Override
	public PubSub observe(PubSub instance, ComponentContext context, MessageListener listener) {
		return new ObservedPubSub(instance, context.name(), listener);
	}

	@Override
	public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		PubSubProto.PubSubInitRequest request = PubSubProto.PubSubInitRequest.newBuilder()
			.setMetadata(CommonProto.MetadataRequest.newBuilder().putAllProperties(metadata(context)))
			.build();
		return ComponentCalls.async(generation.channel(), PubSubGrpc.getInitMethod(), request)
			.thenCompose((initialized) -> ComponentCalls.async(generation.channel(), PubSubGrpc.getFeaturesMethod(),
					CommonProto.FeaturesRequest.getDefaultInstance()))
			.thenApply((features) -> Set.copyOf(features.getFeaturesList()));
	}

	private static Map<String, String> metadata(ComponentContext context) {
		String application = context.application().id();
		if (application.isEmpty() || context.metadata().containsKey(CONSUMER_ID)) {
			return context.metadata();
		}
		Map<String, String> metadata = new HashMap<>(context.metadata());
		metadata.put(CONSUMER_ID, application);
		return metadata;
	}

	@Override
	public CompletionStage<?> ping(Channel channel) {
		return ComponentCalls.async(channel, PubSubGrpc.getPingMethod(), CommonProto.PingRequest.getDefaultInstance());
	}

	/**
	 * The group of consumers concerns the subscriptions of a host. A served component
	 * receives it with the metadata of each subscription.
	 * @return {@value #CONSUMER_ID}
	 */
	@Override
	public Set<String> hostMetadata() {
		return Set.of(CONSUMER_ID);
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<PubSub> instances) {
		return List.of(new PubSubService(instances).bindService());
	}

	@Override
	public Set<String> features(PubSub instance) {
		return instance.features();
	}

	@Override
	public Map<String, ComponentFactory<PubSub>> builtIns() {
		return Map.of(IN_MEMORY, InMemoryPubSub::new);
	}

}
