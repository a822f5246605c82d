package dev.pluggable.internal.broker;

import java.util.concurrent.CompletableFuture;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * The answer of a unary call, as soon as it has ended.
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
		// Does nothing after a response.
		completeExceptionally(
				Status.INTERNAL.withDescription("No answer, although the call has ended").asRuntimeException());
	}

}
