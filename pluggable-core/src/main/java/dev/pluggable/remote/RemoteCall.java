package dev.pluggable.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;

import dev.pluggable.internal.support.LostConnection;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call on a remote object. If it fails because the object is lost, it is made once more
 * on the next incarnation, within its deadline: when it is certain that it was not sent,
 * or when its method is unary and idempotent.
 *
 * @param <Q> request
 * @param <R> response
 */
final class RemoteCall<Q, R> extends ClientCall<Q, R> implements RemoteObject.Waiter {

	private final RemoteObject owner;

	private final MethodDescriptor<Q, R> method;

	private final CallOptions options;

	private final Context context = Context.current();

	/**
	 * Held while the call is handed from one incarnation to another, and while it is told
	 * something.
	 */
	private final ReentrantLock lock = new ReentrantLock();

	private @Nullable ClientCall<Q, R> delegate;

	private ObjectGeneration incarnation;

	private @Nullable Listener<R> listener;

	private Metadata headers = new Metadata();

	private int requested;

	/**
	 * What the next incarnation has to be sent.
	 */
	private final List<Q> messages = new ArrayList<>(1);

	private boolean halfClosed;

	private boolean repeatable;

	private boolean cancelled;

	private @Nullable Status failure;

	private Metadata failureTrailers = new Metadata();

	/**
	 * A call that has not been started.
	 * @param owner the object
	 * @param incarnation where it goes first
	 * @param method the method
	 * @param options options with the deadline
	 * @param repeatable whether it may go to the next incarnation
	 */
	RemoteCall(RemoteObject owner, ObjectGeneration incarnation, MethodDescriptor<Q, R> method, CallOptions options,
			boolean repeatable) {
		this.owner = owner;
		this.incarnation = incarnation;
		this.method = method;
		this.options = options;
		this.repeatable = repeatable;
		this.delegate = incarnation.connection().newCall(method, options);
	}

	/**
	 * When the answer must be there at the latest.
	 * @return the earliest of the deadlines, {@code null} if there is none
	 */
	private @Nullable Deadline deadline() {
		Deadline own = this.options.getDeadline();
		Deadline inherited = this.context.getDeadline();
		if (own == null || inherited == null) {
			return (own != null) ? own : inherited;
		}
		return own.minimum(inherited);
	}

	@Override
	public void start(Listener<R> listener, Metadata headers) {
		this.lock.lock();
		try {
			this.listener = listener;
			if (this.repeatable) {
				this.headers.merge(headers);
			}
			start(Objects.requireNonNull(this.delegate), this.incarnation, headers);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void start(ClientCall<Q, R> delegate, ObjectGeneration incarnation, Metadata headers) {
		incarnation.hold();
		delegate.start(new Answers(incarnation, Objects.requireNonNull(this.listener)), headers);
	}

	@Override
	public void request(int count) {
		this.lock.lock();
		try {
			this.requested += count;
			if (this.requested < 0) {
				this.requested = Integer.MAX_VALUE;
			}
			if (this.delegate != null) {
				this.delegate.request(count);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void sendMessage(Q message) {
		this.lock.lock();
		try {
			if (this.delegate == null) {
				this.messages.add(message);
				return;
			}
			if (this.repeatable && this.messages.isEmpty()) {
				this.messages.add(message);
			}
			else {
				// There is no end to what would have to be kept.
				stay();
			}
			this.delegate.sendMessage(message);
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void halfClose() {
		this.lock.lock();
		try {
			this.halfClosed = true;
			if (this.delegate != null) {
				this.delegate.halfClose();
			}
		}
		finally {
			this.lock.unlock();
		}
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
		if (delegate != null) {
			delegate.cancel(message, cause);
		}
		else if (this.owner.forget(this)) {
			end(Status.CANCELLED.withDescription(message).withCause(cause), new Metadata());
		}
	}

	@Override
	public boolean isReady() {
		this.lock.lock();
		try {
			return this.delegate != null && this.delegate.isReady();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void setMessageCompression(boolean enabled) {
		this.lock.lock();
		try {
			if (this.delegate != null) {
				this.delegate.setMessageCompression(enabled);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public Attributes getAttributes() {
		this.lock.lock();
		try {
			return (this.delegate != null) ? this.delegate.getAttributes() : Attributes.EMPTY;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Something came back, so the call is where it stays.
	 */
	private void settled() {
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
	 * Wait for the next incarnation instead of failing, if the call may be made again.
	 * @return whether that is so
	 */
	private boolean repeat(ObjectGeneration failed, Status status, Metadata trailers) {
		boolean notSent = status.getCause() instanceof RequestNotSentException;
		this.lock.lock();
		try {
			if (!this.repeatable || this.cancelled || !(notSent || (idempotent() && LostConnection.isReason(status)))) {
				return false;
			}
			if (failed.usable()) {
				// The object itself said so, and would again.
				return false;
			}
			this.repeatable = false;
			this.delegate = null;
			this.failure = status;
			this.failureTrailers = trailers;
		}
		finally {
			this.lock.unlock();
		}
		this.owner.awaitNext(failed, this, deadline());
		return true;
	}

	private boolean idempotent() {
		return this.method.getType() == MethodDescriptor.MethodType.UNARY
				&& (this.method.isIdempotent() || this.method.isSafe());
	}

	@Override
	public void next(ObjectGeneration incarnation) {
		boolean gone;
		this.lock.lock();
		try {
			gone = this.cancelled;
			if (!gone) {
				resume(incarnation);
			}
		}
		finally {
			this.lock.unlock();
		}
		if (gone) {
			end(Status.CANCELLED.withDescription("The call was cancelled"), new Metadata());
		}
	}

	private void resume(ObjectGeneration incarnation) {
		Context before = this.context.attach();
		try {
			ClientCall<Q, R> delegate = incarnation.connection().newCall(this.method, this.options);
			this.delegate = delegate;
			this.incarnation = incarnation;
			start(delegate, incarnation, this.headers);
			if (this.requested > 0) {
				delegate.request(this.requested);
			}
			this.messages.forEach(delegate::sendMessage);
			this.messages.clear();
			if (this.halfClosed) {
				delegate.halfClose();
			}
		}
		finally {
			this.context.detach(before);
		}
	}

	@Override
	public void giveUp() {
		end(Objects.requireNonNull(this.failure), this.failureTrailers);
	}

	/**
	 * End where the caller expects it: a blocked one runs what its executor is given.
	 */
	private void end(Status status, Metadata trailers) {
		Listener<R> listener = Objects.requireNonNull(this.listener);
		Executor executor = this.options.getExecutor();
		try {
			((executor != null) ? executor : this.owner.executor())
				.execute(this.context.wrap(() -> listener.onClose(status, trailers)));
		}
		catch (RejectedExecutionException ex) {
			listener.onClose(status, trailers);
		}
	}

	/**
	 * What comes back from one incarnation.
	 */
	private final class Answers extends Listener<R> {

		private final ObjectGeneration incarnation;

		private final Listener<R> delegate;

		Answers(ObjectGeneration incarnation, Listener<R> delegate) {
			this.incarnation = incarnation;
			this.delegate = delegate;
		}

		@Override
		public void onHeaders(Metadata headers) {
			settled();
			this.delegate.onHeaders(headers);
		}

		@Override
		public void onMessage(R message) {
			settled();
			this.delegate.onMessage(message);
		}

		@Override
		public void onReady() {
			this.delegate.onReady();
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			this.incarnation.release();
			if (!status.isOk() && !this.incarnation.usable()) {
				RemoteCall.this.owner.lost(this.incarnation);
				if (repeat(this.incarnation, status, trailers)) {
					return;
				}
			}
			this.delegate.onClose(status, trailers);
		}

	}

}
