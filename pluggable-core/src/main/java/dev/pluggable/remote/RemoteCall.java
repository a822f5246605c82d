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
	 * Guards the fields below. No thread holds the lock while it calls the delegate.
	 */
	private final ReentrantLock lock = new ReentrantLock();

	private ClientCall<Q, R> delegate;

	private final ObjectGeneration generation;

	private @Nullable Listener<R> listener;

	private Metadata headers = new Metadata();

	private int requested;

	/**
	 * The first message, while a repetition may need it.
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
				// A stream may send any number of messages, so the call does not keep
				// them.
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
	 * Record that the object has answered. An answered call is not repeated.
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
			// A waiting call keeps all of this until the gate opens.
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
	 * Forwards the responses of the first generation.
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
			// A usable generation would fail in the same way again, so the call is not
			// repeated there.
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
	 * Forwards the responses of the next generation. If no generation comes in time, the
	 * call ends with its first failure.
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
