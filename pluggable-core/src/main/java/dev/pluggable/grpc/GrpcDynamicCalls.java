package dev.pluggable.grpc;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.stream.Stream;

import dev.pluggable.CallFailure;
import dev.pluggable.ComponentClient;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.kind.ComponentCalls;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Calls methods by their names.
 *
 * @param <M> the form of the messages
 */
final class GrpcDynamicCalls<M> implements DynamicCalls<M> {

	private final GrpcDynamicService service;

	private final ComponentCalls calls;

	private final BiFunction<DynamicContract, String, MethodDescriptor<Object, M>> methods;

	GrpcDynamicCalls(ComponentClient client, GrpcDynamicService service,
			BiFunction<DynamicContract, String, MethodDescriptor<Object, M>> methods) {
		this.service = service;
		this.calls = new ComponentCalls(client, GrpcDynamicCalls::translate);
		this.methods = methods;
	}

	/**
	 * A request of a stream that cannot be written ends the call with its exception.
	 */
	private static @Nullable PluggableException translate(CallFailure failure) {
		return (failure.cause().getCause() instanceof InvalidRequestException invalid) ? invalid : null;
	}

	private MethodDescriptor<Object, M> find(DynamicContract contract, String method, MethodType type) {
		MethodDescriptor<Object, M> descriptor = this.methods.apply(contract, method);
		if (descriptor.getType() != type) {
			throw new IllegalArgumentException("The method " + descriptor.getFullMethodName() + " must be called by "
					+ described(descriptor.getType()) + ", not by " + described(type));
		}
		return descriptor;
	}

	private static String described(MethodType type) {
		return switch (type) {
			case UNARY -> "'unary' or 'async'";
			case SERVER_STREAMING -> "'stream' or 'serverStream'";
			case CLIENT_STREAMING -> "'clientStream'";
			default -> "'bidiStream'";
		};
	}

	@Override
	public M unary(String method, M request) {
		DynamicContract contract = this.service.contract(method);
		MethodDescriptor<Object, M> descriptor = find(contract, method, MethodType.UNARY);
		return this.calls.unary(descriptor, contract.request(method, request));
	}

	@Override
	public CompletableFuture<M> async(String method, M request) {
		try {
			DynamicContract contract = this.service.known();
			return (contract != null) ? async(contract, method, request) : asyncLater(method, request);
		}
		catch (PluggableException | IllegalArgumentException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	private CompletableFuture<M> async(DynamicContract contract, String method, M request) {
		MethodDescriptor<Object, M> descriptor = find(contract, method, MethodType.UNARY);
		return this.calls.async(descriptor, contract.request(method, request));
	}

	/**
	 * Make the call as soon as the contract is known.
	 */
	private CompletableFuture<M> asyncLater(String method, M request) {
		CompletableFuture<M> result = new CompletableFuture<>();
		this.service.contractLater(method).thenCompose((contract) -> {
			if (result.isDone()) {
				return CompletableFuture.completedFuture(null);
			}
			CompletableFuture<M> call = async(contract, method, request);
			result.whenComplete((response, failure) -> call.cancel(false));
			return call;
		}).whenComplete((response, failure) -> {
			if (failure != null) {
				result.completeExceptionally((failure instanceof CompletionException && failure.getCause() != null)
						? failure.getCause() : failure);
			}
			else {
				result.complete(response);
			}
		});
		return result;
	}

	@Override
	public Stream<M> stream(String method, M request) {
		DynamicContract contract = this.service.contract(method);
		MethodDescriptor<Object, M> descriptor = find(contract, method, MethodType.SERVER_STREAMING);
		return this.calls.stream(descriptor, contract.request(method, request));
	}

	@Override
	public ClientCallStreamObserver<?> serverStream(String method, M request, StreamObserver<M> responses) {
		DynamicContract contract = this.service.contract(method);
		MethodDescriptor<Object, M> descriptor = find(contract, method, MethodType.SERVER_STREAMING);
		return this.calls.serverStream(descriptor, contract.request(method, request), responses);
	}

	@Override
	public ClientCallStreamObserver<M> clientStream(String method, StreamObserver<M> response) {
		MethodDescriptor<Object, M> descriptor = find(this.service.contract(method), method,
				MethodType.CLIENT_STREAMING);
		return requests(this.calls.clientStream(descriptor, response));
	}

	@Override
	public ClientCallStreamObserver<M> bidiStream(String method, StreamObserver<M> responses) {
		MethodDescriptor<Object, M> descriptor = find(this.service.contract(method), method, MethodType.BIDI_STREAMING);
		return requests(this.calls.bidiStream(descriptor, responses));
	}

	/**
	 * The marshaller takes requests in each form.
	 */
	@SuppressWarnings("unchecked")
	private ClientCallStreamObserver<M> requests(ClientCallStreamObserver<?> requests) {
		return (ClientCallStreamObserver<M>) requests;
	}

}
