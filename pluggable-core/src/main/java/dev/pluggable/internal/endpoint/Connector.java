package dev.pluggable.internal.endpoint;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.internal.reflection.ReflectedServices;
import dev.pluggable.internal.transport.ConnectionListener;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;

/**
 * Connects endpoints to their targets. Its methods do not block.
 */
interface Connector {

	/**
	 * Create a channel to one process. The channel connects with its first call, and
	 * connects again only to the same process.
	 * @param endpoint name of the endpoint
	 * @param target the target
	 * @param listener hears of the connection on any thread
	 * @return the channel, which the caller shuts down
	 */
	ManagedChannel connect(String endpoint, EndpointTarget target, ConnectionListener listener);

	/**
	 * Ask a server for its services.
	 * @param channel a channel to the server
	 * @return completes with the full names of the services, or fails with a gRPC status:
	 * {@code UNIMPLEMENTED} if the server has no reflection
	 */
	CompletionStage<Set<String>> services(Channel channel);

	/**
	 * Ask a server for the descriptors of services.
	 * @param channel a channel to the server, whose executor runs the work
	 * @param services full names of services
	 * @return completes with the descriptors, or fails with a gRPC status
	 */
	default CompletionStage<ReflectedServices> describe(Channel channel, Set<String> services) {
		return CompletableFuture.failedFuture(Status.UNIMPLEMENTED.asRuntimeException());
	}

	/**
	 * Check cheaply whether a connection has a chance. Many sockets may have no process.
	 * @param target the target
	 * @return {@code false} if nobody listens
	 */
	boolean isListening(EndpointTarget target);

}
