package dev.pluggable.bindings;

import dev.pluggable.ComponentCalls;
import dev.pluggable.ComponentClient;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.InputBindingGrpc;

/**
 * Proxy of an input binding in another process.
 */
final class GrpcInputBinding implements InputBinding {

	private final ComponentClient client;

	private final ComponentCalls calls;

	GrpcInputBinding(ComponentClient client) {
		this.client = client;
		this.calls = new ComponentCalls(client, (failure) -> null);
	}

	@Override
	public Reading read(ReadRequest request, BindingHandler handler) {
		throw new UnsupportedOperationException(this.client.component());
	}

	@Override
	public void ping() {
		this.calls.unary(InputBindingGrpc.getPingMethod(), CommonProto.PingRequest.getDefaultInstance());
	}

}
