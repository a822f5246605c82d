package dev.pluggable.bindings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

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
import dev.pluggable.proto.components.v1.InputBindingGrpc;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;

/**
 * The kind of input bindings, with Dapr's contract ({@code dapr.proto.components.v1}). It
 * shares the type prefix {@value #TYPE_PREFIX} with {@linkplain OutputBindingKind output
 * bindings}.
 *
 * @since 0.1.0
 */
public final class InputBindingKind implements ObservableKind<InputBinding> {

	/**
	 * The prefix of the types of input and output bindings.
	 */
	public static final String TYPE_PREFIX = "bindings";

	/**
	 * The only instance.
	 */
	public static final InputBindingKind INSTANCE = new InputBindingKind();

	private InputBindingKind() {
	}

	@Override
	public String name() {
		return "input-bindings";
	}

	@Override
	public String typePrefix() {
		return TYPE_PREFIX;
	}

	/**
	 * Whether a declaration makes an input binding. It does unless the metadata
	 * {@code direction}, a list with commas, names {@code output} only.
	 * @param metadata settings of the declared component
	 * @return {@code true} if it does
	 * @throws InvalidRequestException if {@code direction} names anything else
	 */
	@Override
	public boolean isMeantBy(Map<String, String> metadata) {
		return BindingDirection.INPUT.isMeantBy(metadata);
	}

	@Override
	public Class<InputBinding> type() {
		return InputBinding.class;
	}

	@Override
	public List<String> services() {
		return List.of(InputBindingGrpc.SERVICE_NAME);
	}

	@Override
	public List<ServiceDescriptor> serviceDescriptors() {
		return List.of(OptionalMethods.without(InputBindingGrpc.getServiceDescriptor(), "Ping"));
	}

	@Override
	public InputBinding createProxy(ComponentClient client) {
		return new GrpcInputBinding(client);
	}

	@Override
	public InputBinding observe(InputBinding instance, ComponentContext context, MessageListener listener) {
		return new ObservedInputBinding(instance, context.name(), listener);
	}

	/**
	 * Initialise an input binding. The contract has no features for input bindings.
	 */
	@Override
	public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		BindingsProto.InputBindingInitRequest request = BindingsProto.InputBindingInitRequest.newBuilder()
			.setMetadata(CommonProto.MetadataRequest.newBuilder().putAllProperties(context.metadata()))
			.build();
		return ComponentCalls.async(generation.channel(), InputBindingGrpc.getInitMethod(), request)
			.thenApply((initialized) -> Set.of());
	}

	@Override
	public CompletionStage<?> ping(Channel channel) {
		return ComponentCalls.async(channel, InputBindingGrpc.getPingMethod(),
				CommonProto.PingRequest.getDefaultInstance());
	}

	@Override
	public Set<String> hostMetadata() {
		return Set.of(BindingDirection.KEY);
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<InputBinding> instances) {
		return List.of(new InputBindingService(instances).bindService());
	}

}
