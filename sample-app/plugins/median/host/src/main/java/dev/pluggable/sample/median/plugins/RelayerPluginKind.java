package dev.pluggable.sample.median.plugins;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.sample.proto.median.v1.PluginRelayerGrpc;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;

/**
 * Relayer plugins as a kind of component. A process is of this kind if it serves
 * {@code sample.median.v1.PluginRelayer} on its main connection.
 *
 * @since 0.1.0
 */
public final class RelayerPluginKind implements ComponentKind<RelayerPlugin> {

	/**
	 * The kind.
	 */
	public static final RelayerPluginKind INSTANCE = new RelayerPluginKind();

	private RelayerPluginKind() {
	}

	@Override
	public String name() {
		return "relayer";
	}

	@Override
	public Class<RelayerPlugin> type() {
		return RelayerPlugin.class;
	}

	@Override
	public List<String> services() {
		return List.of(PluginRelayerGrpc.SERVICE_NAME);
	}

	@Override
	public RelayerPlugin createProxy(ComponentClient client) {
		return new GrpcRelayerPlugin(client);
	}

	/**
	 * The contract has nothing to initialise.
	 */
	@Override
	public CompletionStage<Set<String>> initialize(Channel channel, ComponentContext context) {
		return CompletableFuture.completedFuture(Set.of());
	}

	@Override
	public CompletionStage<?> ping(Channel channel) {
		return CompletableFuture
			.failedFuture(Status.UNIMPLEMENTED.withDescription("The contract has no ping").asRuntimeException());
	}

	/**
	 * An application cannot serve this kind, because it lacks the plugin's side of a
	 * broker.
	 * @return an empty list
	 */
	@Override
	public List<ServerServiceDefinition> serve(ComponentInstances<RelayerPlugin> instances) {
		return List.of();
	}

}
