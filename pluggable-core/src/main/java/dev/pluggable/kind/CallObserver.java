package dev.pluggable.kind;

import java.util.Objects;

import dev.pluggable.PluggableException;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Passes the responses of a call to the observer of the caller, and the exception of this
 * product instead of its status.
 *
 * @param <Q> the request
 * @param <R> the response
 */
final class CallObserver<Q, R> implements ClientResponseObserver<Q, R> {

	private final StreamObserver<R> delegate;

	private @Nullable ClientCallStreamObserver<Q> requests;

	CallObserver(StreamObserver<R> delegate) {
		this.delegate = delegate;
	}

	/**
	 * Return the requests of the call, which has started.
	 */
	ClientCallStreamObserver<Q> requests() {
		return Objects.requireNonNull(this.requests);
	}

	@Override
	@SuppressWarnings("unchecked")
	public void beforeStart(ClientCallStreamObserver<Q> requests) {
		this.requests = requests;
		if (this.delegate instanceof ClientResponseObserver<?, ?> observer) {
			((ClientResponseObserver<Q, R>) observer).beforeStart(requests);
		}
	}

	@Override
	public void onNext(R response) {
		this.delegate.onNext(response);
	}

	@Override
	public void onError(Throwable failure) {
		Throwable cause = Status.fromThrowable(failure).getCause();
		this.delegate.onError((cause instanceof PluggableException) ? cause : failure);
	}

	@Override
	public void onCompleted() {
		this.delegate.onCompleted();
	}

}
