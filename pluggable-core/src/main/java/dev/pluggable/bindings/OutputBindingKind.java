package dev.pluggable.bindings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInstances;
import dev.pluggable.InitializingGeneration;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.internal.support.OptionalMethods;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.observation.MessageListener;
import dev.pluggable.observation.ObservableKind;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.OutputBindingGrpc;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;

/**
 * The kind of output bindings, with Dapr's contract ({@code dapr.proto.components.v1}).
 * The features of an output binding are its operations.
 *
 * @see InputBindingKind
 * @since 0.1.0
 */
public final class OutputBindingKind implements ObservableKind<OutputBinding> {

	/**
	 * The only instance.
	 */
	public static final OutputBindingKind INSTANCE = new OutputBindingKind();

	private OutputBindingKind() {
	}

	@Override
	public String name() {
		return "output-bindings";
	}

	@Override
	public String typePrefix() {
		return InputBindingKind.TYPE_PREFIX;
	}

	/**
	 * Whether a declaration makes an output binding. It does unless the metadata
	 * {@code direction}, a list with commas, names {@code input} only.
	 * @param metadata settings of the declared component
	 * @return {@code true} if it does
	 * @throws InvalidRequestException if {@code direction} names anything else
	 */
	@Override
	public boolean isMeantBy(Map<String, String> metadata) {
		return BindingDirection.OUTPUT.isMeantBy(metadata);
	}

	@Override
	public Class<OutputBinding> type() {
		return OutputBinding.class;
	}

	@Override
	public List<String> services() {
		return List.of(OutputBindingGrpc.SERVICE_NAME);
	}

	@Override
	public List<ServiceDescriptor> serviceDescriptors() {
		return List.of(OptionalMethods.without(OutputBindingGrpc.getServiceDescriptor(), "Ping"));
	}

	@Override
	public OutputBinding createProxy(ComponentClient client) {
		return new GrpcOutputBinding(client);
	}

	@Override
	public OutputBinding observe(OutputBinding instance, ComponentContext context, MessageListener listener) {
		return new ObservedOutputBinding(instance, listener);
	}

	@Override
	public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		BindingsProto.OutputBindingInitRequest request = BindingsProto.OutputBindingInitRequest.newBuilder()
			.setMetadata(CommonProto.MetadataRequest.newBuilder().putAllProperties(context.metadata()))
			.build();
		return ComponentCalls.async(generation.channel(), OutputBindingGrpc.getInitMethod(), request)
			.thenCompose((initialized) -> ComponentCalls.async(generation.channel(),
					OutputBindingGrpc.getListOperationsMethod(),
					BindingsProto.ListOperationsRequest.getDefaultInstance()))
			.thenApply((answer) -> answer.getOperationsList()
				.stream()
				.filter((operation) -> !operation.isEmpty())
				.collect(Collectors.toUnmodifiableSet()));
	}

	@Override
	public CompletionStage<?> ping(Channel channel) {
		return ComponentCalls.async(channel, OutputBindingGrpc.getPingMethod(),
				CommonProto.PingRequest.getDefaultInstance());
	}

	@Override
	public Set<String> hostMetadata() {
		return Set.of(BindingDirection.KEY);
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<OutputBinding> instances) {
		return List.of(new OutputBindingService(instances).bindService());
	}

	@Override
	public Set<String> features(OutputBinding instance) {
		return instance.operations();
	}

}
