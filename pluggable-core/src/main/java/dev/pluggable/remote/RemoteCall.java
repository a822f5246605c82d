package dev.pluggable.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.internal.support.LostConnection;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
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
final class RemoteCall<Q, R> extends ClientCall<Q, R> {

	private final RemoteObject owner;

	private final MethodDescriptor<Q, R> method;

	private final CallOptions options;

	private final Context context = Context.current();

	/**
	 * Guards the fields below. It is not held while the delegate is called.
	 */
	private final ReentrantLock lock = new ReentrantLock();

	private ClientCall<Q, R> delegate;

	private final ObjectGeneration generation;

	private @Nullable Listener<R> listener;

	private Metadata headers = new Metadata();

	private int requested;

	/**
	 * The first message, as long as it may have to be sent again.
	 */
	private final List<Q> messages = new ArrayList<>(1);

	private boolean halfClosed;

	private boolean repeatable;

	private boolean cancelled;

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
		this.owner = owner;
		this.generation = generation;
		this.method = method;
		this.options = options;
		this.repeatable = repeatable;
		this.delegate = generation.connection().newCall(method, options);
	}

	@Override
	public void start(Listener<R> listener, Metadata headers) {
		ClientCall<Q, R> delegate;
		this.lock.lock();
		try {
			this.listener = listener;
			if (this.repeatable) {
				this.headers.merge(headers);
			}
			delegate = this.delegate;
		}
		finally {
			this.lock.unlock();
		}
		this.generation.hold();
		delegate.start(new FirstResponses(listener), headers);
	}

	@Override
	public void request(int count) {
		ClientCall<Q, R> delegate;
		this.lock.lock();
		try {
			this.requested += count;
			if (this.requested < 0) {
				this.requested = Integer.MAX_VALUE;
			}
			delegate = this.delegate;
		}
		finally {
			this.lock.unlock();
		}
		delegate.request(count);
	}

	@Override
	public void sendMessage(Q message) {
		ClientCall<Q, R> delegate;
		this.lock.lock();
		try {
			if (this.repeatable && this.messages.isEmpty()) {
				this.messages.add(message);
			}
			else {
				// A stream may send any number of messages, which cannot all be kept.
				stay();
			}
			delegate = this.delegate;
		}
		finally {
			this.lock.unlock();
		}
		delegate.sendMessage(message);
	}

	@Override
	public void halfClose() {
		ClientCall<Q, R> delegate;
		this.lock.lock();
		try {
			this.halfClosed = true;
			delegate = this.delegate;
		}
		finally {
			this.lock.unlock();
		}
		delegate.halfClose();
	}

	@Override
	public void cancel(@Nullable String message, @Nullable Throwable cause) {
		ClientCall<Q, R> delegate;
		this.lock.lock();
		try {
			this.cancelled = true;
			delegate = this.delegate;
		}
		finally {
			this.lock.unlock();
		}
		delegate.cancel(message, cause);
	}

	@Override
	public boolean isReady() {
		return delegate().isReady();
	}

	@Override
	public void setMessageCompression(boolean enabled) {
		delegate().setMessageCompression(enabled);
	}

	@Override
	public Attributes getAttributes() {
		return delegate().getAttributes();
	}

	private ClientCall<Q, R> delegate() {
		this.lock.lock();
		try {
			return this.delegate;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * The object has answered, so the call is not repeated.
	 */
	private void answered() {
		this.lock.lock();
		try {
			stay();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void stay() {
		this.repeatable = false;
		this.messages.clear();
	}

	/**
	 * Repeat the call on the next generation, if it may be repeated.
	 * @return whether the call is repeated
	 */
	private boolean repeat(Status status, Metadata trailers) {
		boolean notSent = status.getCause() instanceof RequestNotSentException;
		ClientCall<Q, R> next;
		SecondResponses responses;
		Metadata headers;
		this.lock.lock();
		try {
			if (!this.repeatable || this.cancelled || !(notSent || (idempotent() && LostConnection.isReason(status)))) {
				return false;
			}
			responses = new SecondResponses(Objects.requireNonNull(this.listener), status, trailers);
			next = newCall(responses);
			// The call keeps all this until it has started.
			if (this.requested > 0) {
				next.request(this.requested);
			}
			this.messages.forEach(next::sendMessage);
			if (this.halfClosed) {
				next.halfClose();
			}
			stay();
			this.delegate = next;
			headers = this.headers;
		}
		finally {
			this.lock.unlock();
		}
		next.start(responses, headers);
		return true;
	}

	private boolean idempotent() {
		return this.method.getType() == MethodDescriptor.MethodType.UNARY
				&& (this.method.isIdempotent() || this.method.isSafe());
	}

	private ClientCall<Q, R> newCall(SecondResponses responses) {
		Context before = this.context.attach();
		try {
			return this.owner.newRepeatedCall(this.method, this.options, (generation) -> {
				responses.passed(generation);
				return generation.connection().newCall(this.method, this.options);
			});
		}
		finally {
			this.context.detach(before);
		}
	}

	/**
	 * Hands on what the first generation answers.
	 */
	private final class FirstResponses extends Listener<R> {

		private final Listener<R> delegate;

		FirstResponses(Listener<R> delegate) {
			this.delegate = delegate;
		}

		@Override
		public void onHeaders(Metadata headers) {
			answered();
			this.delegate.onHeaders(headers);
		}

		@Override
		public void onMessage(R message) {
			answered();
			this.delegate.onMessage(message);
		}

		@Override
		public void onReady() {
			this.delegate.onReady();
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			ObjectGeneration generation = RemoteCall.this.generation;
			generation.release();
			// The failure of a usable generation is the object's own, and would come
			// again.
			if (!status.isOk() && !generation.usable()) {
				RemoteCall.this.owner.lost(generation);
				if (repeat(status, trailers)) {
					return;
				}
			}
			this.delegate.onClose(status, trailers);
		}

	}

	/**
	 * Hands on what the next generation answers. If there is none in time, the call ends
	 * with its first failure.
	 */
	private final class SecondResponses extends Listener<R> {

		private final Listener<R> delegate;

		private final Status firstFailure;

		private final Metadata firstTrailers;

		private volatile @Nullable ObjectGeneration generation;

		SecondResponses(Listener<R> delegate, Status firstFailure, Metadata firstTrailers) {
			this.delegate = delegate;
			this.firstFailure = firstFailure;
			this.firstTrailers = firstTrailers;
		}

		/**
		 * The call has passed the gate.
		 */
		void passed(ObjectGeneration generation) {
			generation.hold();
			this.generation = generation;
		}

		@Override
		public void onHeaders(Metadata headers) {
			this.delegate.onHeaders(headers);
		}

		@Override
		public void onMessage(R message) {
			this.delegate.onMessage(message);
		}

		@Override
		public void onReady() {
			this.delegate.onReady();
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			ObjectGeneration generation = this.generation;
			if (generation != null) {
				generation.release();
				if (!status.isOk() && !generation.usable()) {
					RemoteCall.this.owner.lost(generation);
				}
				this.delegate.onClose(status, trailers);
			}
			else if (status.getCode() == Status.Code.CANCELLED) {
				this.delegate.onClose(status, trailers);
			}
			else {
				this.delegate.onClose(this.firstFailure, this.firstTrailers);
			}
		}

	}

}
