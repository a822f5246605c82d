package dev.pluggable;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;

/**
 * A kind of component: state, pubsub, ... It joins a Java interface and the gRPC services
 * that carry it. A new kind is an implementation of this interface, handed to the host;
 * nothing else knows one kind from another.
 *
 * @param <T> the interface that an application injects
 * @since 0.1.0
 */
public interface ComponentKind<T> {

	/**
	 * Implementation name of the built-in component that an application gets without any
	 * configuration.
	 */
	String IN_MEMORY = "in-memory";

	/**
	 * Name of the kind, such as {@code state}.
	 * @return the name: lower case, without a dot
	 */
	String name();

	/**
	 * Prefix of the kind's types: the {@code state} of {@code state.redis}. Kinds that
	 * one component can be of at the same time, such as input and output bindings, share
	 * a prefix: a declaration stands for one component of each.
	 * @return the prefix: lower case, without a dot; the name unless overridden
	 */
	default String typePrefix() {
		return name();
	}

	/**
	 * Whether a declaration with the kind's type prefix means a component of this kind.
	 * @param metadata settings of the declared component
	 * @return {@code true} unless overridden
	 */
	default boolean isMeantBy(Map<String, String> metadata) {
		return true;
	}

	/**
	 * The interface that an application injects.
	 * @return an interface
	 */
	Class<T> type();

	/**
	 * The gRPC services that make a server one of this kind. A server offers the kind if
	 * it lists any of them. The first is the one whose health is asked for.
	 * @return full names, such as {@code dapr.proto.components.v1.StateStore}
	 */
	List<String> services();

	/**
	 * Make the object that an application injects. It lives as long as the application.
	 * @param client the way to the component
	 * @return the proxy, safe for use by many threads
	 */
	T createProxy(ComponentClient client);

	/**
	 * Initialise a component on a new generation, before any other call reaches it there.
	 * Must not block.
	 * @param channel channel to the generation, with the component's name in the headers
	 * and the init timeout as deadline of each call
	 * @param context name, type and settings of the component
	 * @return completes with the features that the component has, exactly as it spells
	 * them
	 */
	CompletionStage<Set<String>> initialize(Channel channel, ComponentContext context);

	/**
	 * Change what an application injects according to the settings of the component,
	 * whether it is a proxy or built in.
	 * @param instance the proxy or the built-in instance
	 * @param context name, type and settings of the component; secrets are not filled in
	 * @return the instance to inject, the same one unless overridden
	 */
	default T decorate(T instance, ComponentContext context) {
		return instance;
	}

	/**
	 * Ask a component whether it is well. Must not block.
	 * @param channel channel to the generation, with the component's name in the headers
	 * and a deadline for each call
	 * @return completes if it answers; fails with status {@code UNIMPLEMENTED} if the
	 * component cannot be asked
	 */
	CompletionStage<?> ping(Channel channel);

	/**
	 * The other side of the contract: services that call implementations of the
	 * interface.
	 * @param instances the implementations
	 * @return the services to add to a server
	 */
	List<ServerServiceDefinition> serve(ComponentInstances<T> instances);

	/**
	 * What an instance can do, if instances of this kind say so.
	 * @param instance an instance
	 * @return features, exactly as the instance spells them
	 */
	default Set<String> features(T instance) {
		return Set.of();
	}

	/**
	 * Implementations that come with the kind, by the name of the implementation. The one
	 * called {@value #IN_MEMORY}, if any, is what an application gets without any
	 * configuration.
	 * @return factories by implementation name
	 */
	default Map<String, ComponentFactory<T>> builtIns() {
		return Map.of();
	}

}
