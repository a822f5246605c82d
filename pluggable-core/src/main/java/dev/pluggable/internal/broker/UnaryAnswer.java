package dev.pluggable.internal.broker;

import java.util.concurrent.CompletableFuture;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * Completes with the response of a unary call when the call has ended.
 *
 * @param <T> response
 */
public final class UnaryAnswer<T> extends CompletableFuture<T> implements StreamObserver<T> {

	@Override
	public void onNext(T response) {
		complete(response);
	}

	@Override
	public void onError(Throwable failure) {
		completeExceptionally(failure);
	}

	@Override
	public void onCompleted() {
		// This line has no effect if a response has completed this object.
		completeExceptionally(
				Status.INTERNAL.withDescription("The call has ended without a response").asRuntimeException());
	}

}
