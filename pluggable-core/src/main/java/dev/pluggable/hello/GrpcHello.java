package dev.pluggable.hello;

import dev.pluggable.ComponentClient;
import dev.pluggable.internal.support.Checks;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.proto.layotto.v1.HelloGrpc;
import dev.pluggable.proto.layotto.v1.HelloProto;

/**
 * The proxy of a hello component in another process.
 */
final class GrpcHello implements Hello {

	private final ComponentCalls calls;

	GrpcHello(ComponentClient client) {
		this.calls = new ComponentCalls(client, ComponentCalls.FailureTranslator.NONE);
	}

	@Override
	public String sayHello(String name) {
		Checks.notNull(name, "name");
		return this.calls
			.unary(HelloGrpc.getSayHelloMethod(), HelloProto.HelloRequest.newBuilder().setName(name).build())
			.getHelloString();
	}

}
