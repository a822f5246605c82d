package dev.pluggable.spring.autoconfigure.grpc;

import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.kotlin.AbstractCoroutineStub;
import io.grpc.kotlin.ClientCalls;
import kotlin.coroutines.Continuation;

/**
 * A stub for coroutines, as the generator of gRPC for Kotlin writes it.
 */
public final class GreeterCoroutineStub extends AbstractCoroutineStub<GreeterCoroutineStub> {

	public GreeterCoroutineStub(Channel channel, CallOptions options) {
		super(channel, options);
	}

	@Override
	protected GreeterCoroutineStub build(Channel channel, CallOptions options) {
		return new GreeterCoroutineStub(channel, options);
	}

	Object greet(GreetRequest request, Continuation<? super GreetResponse> continuation) {
		return ClientCalls.INSTANCE.unaryRpc(getChannel(), GreeterGrpc.getGreetMethod(), request, getCallOptions(),
				new Metadata(), continuation);
	}

}
