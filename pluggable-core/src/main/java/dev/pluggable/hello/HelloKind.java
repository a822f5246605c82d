package dev.pluggable.hello;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.InitializingGeneration;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.proto.layotto.v1.HelloGrpc;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;

/**
 * The kind of hello components, with Layotto's contract
 * ({@code spec.proto.pluggable.v1.hello}). The contract has neither features nor a ping,
 * and there is no built-in hello component.
 * <p>
 * Some metadata have fields of their own in the contract: {@value #HELLO} is the
 * greeting, {@value #SECRET_STORE} and {@value #CONFIG_STORE} name components that the
 * component uses, and {@code secretRef.<n>.storeName}, {@code .key}, {@code .subKey} and
 * {@code .injectAs} are references to secrets, which the component resolves itself.
 *
 * @since 0.1.0
 */
public final class HelloKind implements ComponentKind<Hello> {

	/**
	 * The only instance.
	 */
	public static final HelloKind INSTANCE = new HelloKind();

	/**
	 * Metadata with the greeting.
	 */
	public static final String HELLO = "hello";

	/**
	 * Metadata with the name of a secret store.
	 */
	public static final String SECRET_STORE = "componentRef.secretStore";

	/**
	 * Metadata with the name of a configuration store.
	 */
	public static final String CONFIG_STORE = "componentRef.configStore";

	private HelloKind() {
	}

	@Override
	public String name() {
		return "hello";
	}

	@Override
	public Class<Hello> type() {
		return Hello.class;
	}

	@Override
	public List<String> services() {
		return List.of(HelloGrpc.SERVICE_NAME);
	}

	@Override
	public List<ServiceDescriptor> serviceDescriptors() {
		return List.of(HelloGrpc.getServiceDescriptor());
	}

	@Override
	public Hello createProxy(ComponentClient client) {
		return new GrpcHello(client);
	}

	/**
	 * Initialise a component with Layotto's configuration.
	 * @return completes with no features
	 * @throws dev.pluggable.InvalidRequestException if the metadata contain an unknown
	 * name in a reserved form
	 */
	@Override
	public CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		return ComponentCalls.async(generation.channel(), HelloGrpc.getInitMethod(), GrpcHelloConfig.toProto(context))
			.thenApply((initialized) -> Set.of());
	}

	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<Hello> instances) {
		return List.of(new HelloService(instances).bindService());
	}

}
