package dev.pluggable.contract;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.pluggable.ComponentClient;
import dev.pluggable.InitializingGeneration;
import dev.pluggable.internal.broker.GrpcBroker;
import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.remote.RemoteObject;
import io.grpc.Attributes;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Hands over objects to one process of a plugin.
 */
final class GenerationReferences implements References {

	private final Attributes attributes;

	private final Consumer<BrokeredServer> owner;

	/**
	 * Create references for a process.
	 * @param attributes the attributes of the process, with its broker
	 * @param owner closes the servers, when it must
	 */
	GenerationReferences(Attributes attributes, Consumer<BrokeredServer> owner) {
		this.attributes = attributes;
		this.owner = owner;
	}

	/**
	 * Create references that belong to an object that is being created.
	 */
	static GenerationReferences of(RemoteObject.Creation creation) {
		return new GenerationReferences(creation.attributes(), creation::own);
	}

	/**
	 * Make the call that initialises a component, as soon as the application offers all
	 * its host services.
	 * @param initialization returns the call; may block
	 */
	static CompletionStage<Set<String>> initialize(InitializingGeneration generation,
			Supplier<? extends @Nullable Initialization<?>> initialization) {
		CompletableFuture<Set<String>> outcome = new CompletableFuture<>();
		Runnable begin = () -> {
			try {
				generation.executor().execute(() -> begin(generation, initialization, outcome));
			}
			catch (RejectedExecutionException ex) {
				outcome.completeExceptionally(ex);
			}
		};
		if (generation.attributes().get(HostServices.KEY) instanceof HostServiceRegistry registry) {
			registry.whenComplete(begin);
		}
		else {
			begin.run();
		}
		return outcome;
	}

	private static void begin(InitializingGeneration generation,
			Supplier<? extends @Nullable Initialization<?>> initialization, CompletableFuture<Set<String>> outcome) {
		try {
			Initialization<?> made = generation.current() ? initialization.get() : null;
			// Nobody waits any more for what took too long, so nothing is served for it.
			if (made == null || !generation.current()) {
				outcome.complete(Set.of());
				return;
			}
			call(generation, made).whenComplete((answer, failure) -> {
				if (failure != null) {
					outcome.completeExceptionally(failure);
				}
				else {
					outcome.complete(Set.of());
				}
			});
		}
		catch (RuntimeException | LinkageError ex) {
			outcome.completeExceptionally(ex);
		}
	}

	private static <Q> CompletionStage<?> call(InitializingGeneration generation, Initialization<Q> initialization) {
		GenerationReferences references = new GenerationReferences(generation.attributes(),
				(server) -> generation.closeWith(server::close));
		return ComponentCalls.async(generation.channel(), initialization.method(),
				initialization.request().create(references));
	}

	@Override
	public <T extends ContractObject> int id(String field, @Nullable T object, ContractKind<T> kind, int id) {
		if (object == null) {
			return 0;
		}
		BrokeredServer server = serve(field, object, kind, id);
		if (broker(field) instanceof GrpcBroker broker) {
			// Only this process hears of the id.
			broker.stays(server);
		}
		this.owner.accept(server);
		return server.id();
	}

	private <T extends ContractObject> BrokeredServer serve(String field, T object, ContractKind<T> kind, int id) {
		PluginBroker broker = broker(field);
		if (!(object instanceof ContractProxy proxy)) {
			List<ServerServiceDefinition> services = kind.bind(() -> object);
			BrokeredServer server = serve(broker, field, id, services);
			endWithClose(server, services);
			return server;
		}
		ComponentClient client = proxy.client();
		if (client instanceof HostServiceClient service) {
			HostServices services = this.attributes.get(HostServices.KEY);
			HostServices offered = (services != null) ? services : new HostServiceRegistry();
			return serve(broker, field, id, service.services().stream().map(offered::get).toList());
		}
		return (id != 0) ? broker.proxy(field, id, client) : broker.proxy(field, client);
	}

	/**
	 * End a server when the plugin has closed the object.
	 */
	private static void endWithClose(BrokeredServer server, List<ServerServiceDefinition> services) {
		for (ServerServiceDefinition service : services) {
			for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
				if (method.getServerCallHandler() instanceof CloseHandler<?, ?> handler) {
					handler.ends(server);
				}
			}
		}
	}

	private static BrokeredServer serve(PluginBroker broker, String field, int id,
			List<ServerServiceDefinition> services) {
		return (id != 0) ? broker.serve(field, id, services) : broker.serve(field, services);
	}

	private PluginBroker broker(String field) {
		PluginBroker broker = this.attributes.get(PluginBroker.KEY);
		if (broker == null) {
			throw new PluginException("The process has no broker, so the object '" + field
					+ "' cannot be handed over: only a launched plugin that speaks go-plugin's protocol has a broker");
		}
		return broker;
	}

}
