package dev.pluggable.contract;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.InitializingGeneration;
import io.grpc.ServerServiceDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The base of generated kinds. Each generated interface has one, whether the application
 * injects a component of the kind or gets its objects from calls. Safe for use by many
 * threads.
 *
 * @param <T> the generated interface
 * @since 0.1.0
 */
public abstract class ContractKind<T extends ContractObject> implements ComponentKind<T> {

	private final String name;

	private final Class<T> type;

	private final List<String> services;

	/**
	 * Create a kind.
	 * @param name the name in lower case, without a dot
	 * @param type the generated interface
	 * @param services full names of the services, of which an object has all; the health
	 * of the first one is the health of a component
	 */
	protected ContractKind(String name, Class<T> type, List<String> services) {
		this.name = name;
		this.type = type;
		this.services = List.copyOf(services);
	}

	@Override
	public final String name() {
		return this.name;
	}

	@Override
	public final Class<T> type() {
		return this.type;
	}

	@Override
	public final List<String> services() {
		return this.services;
	}

	/**
	 * Create the services that call an implementation: the counterpart of the proxy.
	 * @param implementation returns the implementation for each call
	 * @return one service for each name of {@link #services()}
	 */
	public abstract List<ServerServiceDefinition> bind(Supplier<? extends T> implementation);

	/**
	 * The host service of this kind, for requests that hand it over. A kind with several
	 * services takes all of them from the host services, on one connection.
	 * @return an object that can only be handed over
	 */
	public final T hostService() {
		return createProxy(new HostServiceClient(this.type, this.services));
	}

	/**
	 * The call that initialises a component on each generation, before any other call
	 * reaches the generation. May block; runs on a handler thread.
	 * @param context name, type and settings of the component
	 * @return the call, {@code null} unless overridden, which means that there is none
	 */
	protected @Nullable Initialization<?> initialization(ComponentContext context) {
		return null;
	}

	/**
	 * Whether the contract has a call that initialises.
	 * @return {@code false} unless overridden
	 */
	protected boolean initializes() {
		return false;
	}

	@Override
	public final CompletionStage<Set<String>> initialize(InitializingGeneration generation, ComponentContext context) {
		return initializes() ? GenerationReferences.initialize(generation, () -> initialization(context))
				: CompletableFuture.completedFuture(Set.of());
	}

	@Override
	public final List<ServerServiceDefinition> serve(ComponentInstances<T> instances) {
		return bind(instances::currentOrNew);
	}

	@Override
	public abstract T createProxy(ComponentClient client);

	@Override
	public String toString() {
		return "kind '" + this.name + "'";
	}

}
