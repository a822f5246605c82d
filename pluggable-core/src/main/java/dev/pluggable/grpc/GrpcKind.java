package dev.pluggable.grpc;

import java.util.List;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentKind;
import dev.pluggable.kind.ComponentCalls;
import io.grpc.Channel;

/**
 * The kind of components with any gRPC services, which generated stubs call. The
 * application injects a {@link Channel}. A call on it waits at the gate, is repeated on
 * the next process if its request was not sent, has the call timeout of the component and
 * carries the header {@code x-component-instance}. If a call fails, the cause of its
 * status is the exception that other kinds throw, such as a
 * {@link dev.pluggable.ComponentUnavailableException}. <pre>{@code
 * GreeterGrpc.GreeterBlockingStub greeter = GreeterGrpc.newBlockingStub(channel);
 * }</pre>
 * <p>
 * The contract has no {@code Init}, so metadata are not sent. A server is discovered as a
 * component of this kind if no other kind has one of its services.
 *
 * @since 0.1.0
 */
public final class GrpcKind implements ComponentKind<Channel> {

	/**
	 * The only instance.
	 */
	public static final GrpcKind INSTANCE = new GrpcKind();

	private GrpcKind() {
	}

	@Override
	public String name() {
		return "grpc";
	}

	@Override
	public Class<Channel> type() {
		return Channel.class;
	}

	/**
	 * The kind has no services of its own. The services of a component are those of its
	 * server.
	 * @return an empty list
	 */
	@Override
	public List<String> services() {
		return List.of();
	}

	@Override
	public Channel createProxy(ComponentClient client) {
		return new ComponentCalls(client, ComponentCalls.FailureTranslator.NONE).channel();
	}

}
