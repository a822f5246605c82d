package dev.pluggable.remote;

import dev.pluggable.internal.support.LostConnection;
import dev.pluggable.internal.support.RepeatableCall;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call on one generation of a remote object. A call that fails because its generation
 * is lost is made once more on the next generation, within its deadline, if the request
 * certainly was not sent, or if the method is unary and idempotent.
 *
 * @param <Q> request
 * @param <R> response
 */
final class RemoteCall<Q, R> extends RepeatableCall<Q, R> {

	private final RemoteObject owner;

	private final MethodDescriptor<Q, R> method;

	private final CallOptions options;

	private final ObjectGeneration generation;

	/**
	 * Create a call that has not been started.
	 * @param owner the object
	 * @param generation the generation that the call goes to
	 * @param method the method
	 * @param options options with the deadline
	 * @param repeatable whether the call may be repeated on the next generation
	 */
	RemoteCall(RemoteObject owner, ObjectGeneration generation, MethodDescriptor<Q, R> method, CallOptions options,
			boolean repeatable) {
		super(generation.newCall(method, options), repeatable);
		this.owner = owner;
		this.generation = generation;
		this.method = method;
		this.options = options;
	}

	@Override
	public void start(Listener<R> listener, Metadata headers) {
		this.generation.hold();
		try {
			super.start(listener, headers);
		}
		catch (RuntimeException | Error ex) {
			// An interceptor failed, so the attempt never ends.
			this.generation.release();
			throw ex;
		}
	}

	@Override
	protected Attempt firstAttempt() {
		return new FirstAttempt();
	}

	private boolean isRepeatable(Status status) {
		return status.getCause() instanceof RequestNotSentException
				|| (isIdempotent() && LostConnection.isReason(status));
	}

	private boolean isIdempotent() {
		return this.method.getType() == MethodDescriptor.MethodType.UNARY
				&& (this.method.isIdempotent() || this.method.isSafe());
	}

	/**
	 * The attempt on the first generation.
	 */
	private final class FirstAttempt extends Attempt {

		@Override
		protected ClientCall<Q, R> newCall() {
			return RemoteCall.this.generation.newCall(RemoteCall.this.method, RemoteCall.this.options);
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			ObjectGeneration generation = RemoteCall.this.generation;
			generation.release();
			// A usable generation would fail in the same way again, so the call is not
			// repeated there.
			if (!status.isOk() && !generation.usable()) {
				RemoteCall.this.owner.lost(generation);
				if (isRepeatable(status) && repeat(new SecondAttempt(status, trailers))) {
					return;
				}
			}
			listener().onClose(RemoteCall.this.owner.withoutSecrets(status), trailers);
		}

	}

	/**
	 * The attempt on the next generation. If no generation comes in time, the call ends
	 * with its first failure.
	 */
	private final class SecondAttempt extends Attempt {

		private final Status firstFailure;

		private final Metadata firstTrailers;

		private volatile @Nullable ObjectGeneration generation;

		SecondAttempt(Status firstFailure, Metadata firstTrailers) {
			this.firstFailure = firstFailure;
			this.firstTrailers = firstTrailers;
		}

		@Override
		protected ClientCall<Q, R> newCall() {
			RemoteCall<Q, R> call = RemoteCall.this;
			return call.owner.newRepeatedCall(call.method, call.options, (generation) -> {
				generation.hold();
				this.generation = generation;
				return generation.newCall(call.method, call.options);
			});
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			ObjectGeneration generation = this.generation;
			if (generation != null) {
				generation.release();
				if (!status.isOk() && !generation.usable()) {
					RemoteCall.this.owner.lost(generation);
				}
				listener().onClose(RemoteCall.this.owner.withoutSecrets(status), trailers);
			}
			else if (status.getCode() == Status.Code.CANCELLED) {
				listener().onClose(RemoteCall.this.owner.withoutSecrets(status), trailers);
			}
			else {
				listener().onClose(RemoteCall.this.owner.withoutSecrets(this.firstFailure), this.firstTrailers);
			}
		}

	}

}
