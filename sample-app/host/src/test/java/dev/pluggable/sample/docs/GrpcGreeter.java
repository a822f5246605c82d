package dev.pluggable.sample.docs;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetResponse;
import dev.pluggable.kind.ComponentCalls;
import io.grpc.stub.StreamObserver;

final class GrpcGreeter implements Greeter {

	private final ComponentCalls calls;

	GrpcGreeter(ComponentClient client) {
		this.calls = new ComponentCalls(client, ComponentCalls.FailureTranslator.NONE);
	}

	@Override
	public String greet(String name) {
		return this.calls.unary(GreeterGrpc.getGreetMethod(), request(name, 1)).getGreeting();
	}

	@Override
	public CompletableFuture<String> greetLater(String name) {
		return this.calls.async(GreeterGrpc.getGreetMethod(), request(name, 1)).thenApply(GreetResponse::getGreeting);
	}

	@Override
	public CompletableFuture<Void> greetOften(String name, int times, Consumer<String> greetings) {
		CompletableFuture<Void> end = new CompletableFuture<>();
		this.calls.serverStream(GreeterGrpc.getGreetOftenMethod(), request(name, times), new StreamObserver<>() {

			@Override
			public void onNext(GreetResponse response) {
				greetings.accept(response.getGreeting());
			}

			@Override
			public void onError(Throwable failure) {
				end.completeExceptionally(failure);
			}

			@Override
			public void onCompleted() {
				end.complete(null);
			}

		});
		return end;
	}

	private static GreetRequest request(String name, int times) {
		return GreetRequest.newBuilder().setName(name).setTimes(times).build();
	}

}
