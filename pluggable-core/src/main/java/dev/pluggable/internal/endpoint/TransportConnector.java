package dev.pluggable.internal.endpoint;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletionStage;

import dev.pluggable.internal.reflection.ReflectedServices;
import dev.pluggable.internal.support.StatusMask;
import dev.pluggable.internal.transport.CallNames;
import dev.pluggable.internal.transport.ConnectionListener;
import io.grpc.Channel;
import io.grpc.ManagedChannel;

/**
 * Connects by the host's transport, and asks for services and their descriptors by gRPC
 * reflection.
 */
final class TransportConnector implements Connector {

	private final EndpointContext context;

	private final StatusMask secrets;

	/**
	 * Create a connector.
	 * @param context the transport, and the things that all endpoints share
	 * @param secrets masks the statuses of all calls
	 */
	TransportConnector(EndpointContext context, EndpointSecrets secrets) {
		this.context = context;
		this.secrets = new StatusMask(secrets.live());
	}

	@Override
	public ManagedChannel connect(String endpoint, EndpointTarget target, ConnectionListener listener) {
		return this.context.transport()
			.connect(target.address(), target.tls(), this.context.peers(), listener, this.secrets, (builder) -> {
				this.context.customizer().customize(endpoint, builder);
				builder.intercept(new CallNames(endpoint, null));
			});
	}

	@Override
	public CompletionStage<Set<String>> services(Channel channel) {
		return this.context.reflection().listServices(channel);
	}

	@Override
	public CompletionStage<ReflectedServices> describe(Channel channel, Set<String> services) {
		return this.context.reflection().describe(channel, services);
	}

	@Override
	public boolean isListening(EndpointTarget target) {
		Path socket = target.socket();
		return socket == null || this.context.transport().isListening(socket);
	}

}
