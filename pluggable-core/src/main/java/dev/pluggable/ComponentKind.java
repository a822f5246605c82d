package dev.pluggable;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A kind of component, such as state or pub/sub: a Java interface and the gRPC services
 * that carry its calls. A new kind is an implementation of this interface, or the result
 * of {@link #of}, which the application passes to the host; no other code knows a
 * particular kind. Implementations are safe for use by many threads.
 *
 * @param <T> the interface that an application injects
 * @since 0.1.0
 */
public interface ComponentKind<T> {

	/**
	 * Name of the built-in implementation that an application gets without configuration.
	 */
	String IN_MEMORY = "in-memory";

	/**
	 * Create a kind whose contract has neither {@code Init} nor {@code Ping}. <pre>{@code
	 * ComponentKind.of("greeters", Greeter.class, GreeterGrpc.SERVICE_NAME, GrpcGreeter::new)
	 * }</pre>
	 * @param <T> the interface that an application injects
	 * @param name the name in lower case, without a dot
	 * @param type the interface that an application injects
	 * @param service full name of the gRPC service
	 * @param proxy creates the object that an application injects, which is safe for use
	 * by many threads
	 * @return the kind
	 * @throws IllegalArgumentException if the name is not valid
	 */
	static <T> ComponentKind<T> of(String name, Class<T> type, String service, Function<ComponentClient, T> proxy) {
		return new SimpleKind<>(name, type, service, List.of(), proxy);
	}

	/**
	 * Create a kind whose contract has neither {@code Init} nor {@code Ping}. The host
	 * compares the contract with the one that a server describes. <pre>{@code
	 * ComponentKind.of("greeters", Greeter.class, GreeterGrpc.getServiceDescriptor(), GrpcGreeter::new)
	 * }</pre>
	 * @param <T> the interface that an application injects
	 * @param name the name in lower case, without a dot
	 * @param type the interface that an application injects
	 * @param service descriptor of the gRPC service, from its generated class
	 * @param proxy creates the object that an application injects, which is safe for use
	 * by many threads
	 * @return the kind
	 * @throws IllegalArgumentException if the name is not valid
	 */
	static <T> ComponentKind<T> of(String name, Class<T> type, ServiceDescriptor service,
			Function<ComponentClient, T> proxy) {
		return new SimpleKind<>(name, type, service.getName(), List.of(service), proxy);
	}

	/**
	 * The name of the kind, such as {@code state}.
	 * @return the name in lower case, without a dot
	 */
	String name();

	/**
	 * The prefix of the kind's types: {@code state} for {@code state.redis}. Kinds that
	 * one component can have at the same time, such as input and output bindings, share a
	 * prefix; one declaration then makes a component of each kind.
	 * @return the prefix in lower case, without a dot; the name unless overridden
	 */
	default String typePrefix() {
		return name();
	}

	/**
	 * Whether a declaration with the kind's type prefix makes a component of this kind.
	 * @param metadata settings of the declared component
	 * @return {@code true} unless overridden
	 */
	default boolean isMeantBy(Map<String, String> metadata) {
		return true;
	}

	/**
	 * The Java interface that an application injects.
	 * @return an interface
	 */
	Class<T> type();

	/**
	 * The gRPC services of the kind. A server offers the kind if it offers one of them.
	 * The health of the first service is the health of the component.
	 * <p>
	 * Each server offers a kind without services. Such a kind is discovered on servers
	 * whose services no other kind has.
	 * @return full names, such as {@code dapr.proto.components.v1.StateStore}
	 */
	List<String> services();

	/**
	 * The services as the application was compiled with them, also those that a server
	 * need not offer. The host compares them with what a server describes by reflection,
	 * see {@link Component#contractProblems()}, and does not treat them as unknown.
	 * @return the descriptors of generated classes, such as
	 * {@code GreeterGrpc.getServiceDescriptor()}, or descriptors with only the methods
	 * that the kind cannot do without; none unless overridden, and then nothing is
	 * compared
	 */
	default List<ServiceDescriptor> serviceDescriptors() {
		return List.of();
	}

	/**
	 * Create the object that an application injects. It lives as long as the application.
	 * @param client access to the component
	 * @return the proxy, safe for use by many threads
	 */
	T createProxy(ComponentClient client);

	/**
	 * Initialise a component on a new generation, before any other call reaches it there.
	 * Must not block. A contract that has nothing to initialise need not override this
	 * method.
	 * @param generation the generation; its attributes hold the broker of a plugin
	 * @param context name, type and settings of the component
	 * @return completes with the features of the component, exactly as the component
	 * spells them; with none unless overridden
	 */
	default CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		return CompletableFuture.completedFuture(Set.of());
	}

	/**
	 * Wrap the instance that an application injects, as the settings of the component
	 * say.
	 * @param instance the proxy or the built-in instance
	 * @param context name, type and settings of the component; secrets are not filled in
	 * @return the instance to inject, the same one unless overridden
	 */
	default T decorate(T instance, ComponentContext context) {
		return instance;
	}

	/**
	 * Check the health of a component whose server does not offer
	 * {@code grpc.health.v1.Health}. Must not block.
	 * @param channel channel to the generation, which adds the component's name to the
	 * headers and a deadline to each call
	 * @return completes if the component is healthy; fails with {@code UNIMPLEMENTED} if
	 * the component has no such check, which is so unless overridden
	 */
	default CompletionStage<?> ping(Channel channel) {
		return CompletableFuture
			.failedFuture(Status.UNIMPLEMENTED.withDescription("The contract of '" + name() + "' has no ping")
				.asRuntimeException());
	}

	/**
	 * Ask a component for the health of its parts. The host asks besides
	 * {@code grpc.health.v1}. Must not block.
	 * @param channel channel to the generation, which adds the component's name to the
	 * headers and a deadline to each call
	 * @return completes with the failure of each part by the name of the part, in which a
	 * dot separates a part from its parent; an empty failure stands for a part that is
	 * well. Fails with {@code UNIMPLEMENTED} if the component has no such report;
	 * {@code null} if the contract has none, which is so unless overridden
	 */
	default @Nullable CompletionStage<Map<String, String>> health(Channel channel) {
		return null;
	}

	/**
	 * Names of the metadata that concern a host or its subscriptions, and not the
	 * instance that a server creates. Hosts that differ only in these entries share one
	 * instance. Each host receives what its own entries say.
	 * @return names, which ignore case; none unless overridden
	 */
	default Set<String> hostMetadata() {
		return Set.of();
	}

	/**
	 * Create the services that call implementations of the interface: the counterpart of
	 * the proxy in the process of a component.
	 * @param instances the implementations
	 * @return the services to add to a server; none unless overridden, which means that a
	 * server cannot serve the kind
	 */
	default List<ServerServiceDefinition> serve(ComponentInstances<T> instances) {
		return List.of();
	}

	/**
	 * The features of an instance in this process.
	 * @param instance an instance
	 * @return features, exactly as the instance spells them; none unless overridden
	 */
	default Set<String> features(T instance) {
		return Set.of();
	}

	/**
	 * The implementations that come with the kind. An application without configuration
	 * gets the one with the name {@value #IN_MEMORY}, if there is one.
	 * @return factories by the name of the implementation; none unless overridden
	 */
	default Map<String, ComponentFactory<T>> builtIns() {
		return Map.of();
	}

}
