package dev.pluggable.sample.median.plugins;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentKind;
import dev.pluggable.sample.proto.median.v1.PluginMedianGrpc;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;

/**
 * Median plugins as a kind of component. A process is of this kind if it serves
 * {@code sample.median.v1.PluginMedian} on its main connection.
 *
 * @since 0.1.0
 */
public final class MedianPluginKind implements ComponentKind<MedianPlugin> {

	/**
	 * The kind.
	 */
	public static final MedianPluginKind INSTANCE = new MedianPluginKind();

	private MedianPluginKind() {
	}

	@Override
	public String name() {
		return "median";
	}

	@Override
	public Class<MedianPlugin> type() {
		return MedianPlugin.class;
	}

	@Override
	public List<String> services() {
		return List.of(PluginMedianGrpc.SERVICE_NAME);
	}

	@Override
	public MedianPlugin createProxy(ComponentClient client) {
		return new GrpcMedianPlugin(client);
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
	public List<ServerServiceDefinition> serve(ComponentInstances<MedianPlugin> instances) {
		return List.of();
	}

}
