package dev.pluggable.hello;

import com.google.protobuf.Empty;
import dev.pluggable.ComponentInstances;
import dev.pluggable.kind.ServiceCalls;
import dev.pluggable.proto.layotto.v1.HelloGrpc;
import dev.pluggable.proto.layotto.v1.HelloProto;
import io.grpc.stub.StreamObserver;

/**
 * Offers implementations of {@link Hello} to other processes.
 */
final class HelloService extends HelloGrpc.HelloImplBase {

	private final ServiceCalls<Hello> calls;

	HelloService(ComponentInstances<Hello> instances) {
		this.calls = new ServiceCalls<>("hello", instances, ServiceCalls.ErrorTranslator.NONE);
	}

	@Override
	public void init(HelloProto.HelloConfig request, StreamObserver<Empty> observer) {
		this.calls.initialize(GrpcHelloConfig.toMetadata(request), Empty.getDefaultInstance(), observer);
	}

	@Override
	public void sayHello(HelloProto.HelloRequest request, StreamObserver<HelloProto.HelloResponse> observer) {
		this.calls.answer("SayHello", observer,
				(hello) -> HelloProto.HelloResponse.newBuilder()
					.setHelloString(hello.sayHello(request.getName()))
					.build());
	}

}
