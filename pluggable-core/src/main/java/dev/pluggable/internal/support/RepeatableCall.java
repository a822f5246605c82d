package dev.pluggable.internal.support;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call that can be made again, unnoticed by its caller, until the server has answered.
 * The subclass decides whether a failed attempt is repeated. The call keeps what the
 * caller has sent, and gives it to the next attempt.
 *
 * @param <Q> request
 * @param <R> response
 */
public abstract class RepeatableCall<Q, R> extends ClientCall<Q, R> {

	/**
	 * Whether the one who makes the call repeats it, so that calls below need not.
	 */
	public static final CallOptions.Key<Boolean> REPEATED = CallOptions.Key
		.createWithDefault("dev.pluggable.internal.repeated", Boolean.FALSE);

	/**
	 * A server that refuses this many attempts refuses each of them.
	 */
	private static final int MAX_ATTEMPTS = 5;

	/**
	 * A stream that has sent more messages than this is not repeated.
	 */
	private static final int MAX_MESSAGES = 16;

	private final Context context = Context.current();

	/**
	 * The listener of the caller, set before the first attempt begins.
	 */
	private @Nullable Listener<R> listener;

	/**
	 * The headers of the caller, set before the first attempt begins; {@code null} if
	 * there are none.
	 */
	private @Nullable Metadata headers;

	private volatile ClientCall<Q, R> delegate;

	/**
	 * Whether the call stays with its delegate, and keeps nothing. Otherwise, this object
	 * guards the fields below. No thread holds the lock while it calls the delegate.
	 */
	private volatile boolean settled;

	private boolean repeatable;

	private @Nullable Q message;

	/**
	 * The messages after the first one, which only streams have.
	 */
	private List<Q> further = List.of();

	private int attempts = 1;

	private int requested;

	private boolean halfClosed;

	private @Nullable Cancellation cancellation;

	/**
	 * Whether the next attempt receives what the caller has sent before. The caller's
	 * thread only records meanwhile.
	 */
	private boolean replaying;

	/**
	 * Create a call.
	 * @param first the call of the first attempt
	 * @param repeatable whether the call can be repeated
	 */
	protected RepeatableCall(ClientCall<Q, R> first, boolean repeatable) {
		this.delegate = first;
		this.repeatable = repeatable;
		this.settled = !repeatable;
	}

	/**
	 * Return the receiver of the responses to the first attempt.
	 */
	protected abstract Attempt firstAttempt();

	/**
	 * Add headers to those of the caller, for each attempt.
	 * @param headers the headers of an attempt
	 */
	protected void addHeaders(Metadata headers) {
	}

	@Override
	public void start(Listener<R> listener, Metadata headers) {
		this.listener = listener;
		if (!this.settled) {
			this.headers = copy(headers);
		}
		addHeaders(headers);
		this.delegate.start(firstAttempt(), headers);
	}

	private static @Nullable Metadata copy(@Nullable Metadata headers) {
		if (headers == null || headers.keys().isEmpty()) {
			return null;
		}
		Metadata copy = new Metadata();
		copy.merge(headers);
		return copy;
	}

	@Override
	public void request(int count) {
		if (this.settled) {
			this.delegate.request(count);
			return;
		}
		ClientCall<Q, R> call;
		synchronized (this) {
			this.requested = (int) Math.min(Integer.MAX_VALUE, (long) this.requested + count);
			call = receiver();
		}
		if (call != null) {
			call.request(count);
		}
	}

	@Override
	public void sendMessage(Q message) {
		if (this.settled) {
			this.delegate.sendMessage(message);
			return;
		}
		ClientCall<Q, R> call;
		synchronized (this) {
			keep(message);
			call = receiver();
		}
		if (call != null) {
			call.sendMessage(message);
		}
	}

	/**
	 * Return the call that takes what was just recorded. The call is chosen under the
	 * lock, because the replay gives everything that was recorded to the next call, which
	 * must not get anything twice.
	 * @return the call, {@code null} if the replay takes it
	 */
	private @Nullable ClientCall<Q, R> receiver() {
		return this.replaying ? null : this.delegate;
	}

	private void keep(Q message) {
		if (!this.repeatable && !this.replaying) {
			return;
		}
		if (this.message == null) {
			this.message = message;
		}
		else {
			if (this.further.isEmpty()) {
				this.further = new ArrayList<>();
			}
			this.further.add(message);
			if (this.further.size() >= MAX_MESSAGES) {
				settle();
			}
		}
	}

	@Override
	public void halfClose() {
		if (this.settled) {
			this.delegate.halfClose();
			return;
		}
		ClientCall<Q, R> call;
		synchronized (this) {
			this.halfClosed = true;
			call = receiver();
		}
		if (call != null) {
			call.halfClose();
		}
	}

	@Override
	public void cancel(@Nullable String message, @Nullable Throwable cause) {
		if (this.settled) {
			this.delegate.cancel(message, cause);
			return;
		}
		ClientCall<Q, R> call;
		synchronized (this) {
			this.cancellation = new Cancellation(message, cause);
			call = receiver();
		}
		if (call != null) {
			call.cancel(message, cause);
		}
	}

	@Override
	public boolean isReady() {
		if (!this.settled) {
			synchronized (this) {
				// The next attempt receives what the caller sends now, and the caller
				// would not hear again that it may send.
				if (this.replaying) {
					return true;
				}
			}
		}
		return this.delegate.isReady();
	}

	@Override
	public void setMessageCompression(boolean enabled) {
		this.delegate.setMessageCompression(enabled);
	}

	@Override
	public Attributes getAttributes() {
		return this.delegate.getAttributes();
	}

	/**
	 * Return the listener of the caller, which has started the call.
	 */
	protected final Listener<R> listener() {
		return Objects.requireNonNull(this.listener);
	}

	/**
	 * The call cannot be repeated any more. If the next attempt still receives what was
	 * sent before, the call settles afterwards.
	 */
	private synchronized void settle() {
		this.repeatable = false;
		if (!this.replaying) {
			this.message = null;
			this.further = List.of();
			this.settled = true;
		}
	}

	/**
	 * Make another attempt, if the call can be repeated.
	 * @param next the next attempt
	 * @return whether the call is repeated; otherwise, the subclass ends the call
	 */
	protected final boolean repeat(Attempt next) {
		Metadata headers;
		int attempt;
		synchronized (this) {
			if (!this.repeatable || this.cancellation != null || this.attempts >= MAX_ATTEMPTS) {
				return false;
			}
			this.attempts++;
			attempt = this.attempts;
			this.replaying = true;
			headers = copy(this.headers);
		}
		if (headers == null) {
			headers = new Metadata();
		}
		addHeaders(headers);
		ClientCall<Q, R> call;
		Context before = this.context.attach();
		try {
			call = next.newCall();
			this.delegate = call;
			call.start(next, headers);
		}
		catch (RuntimeException ex) {
			// An interceptor failed. The caller would wait forever for the end of the
			// call.
			listener().onClose(Status.fromThrowable(ex), new Metadata());
			return true;
		}
		finally {
			this.context.detach(before);
		}
		replay(call, attempt);
		return true;
	}

	/**
	 * Give a call what the caller has sent, also what the caller sends meanwhile. If the
	 * call fails meanwhile, the replay for the attempt after it takes over.
	 */
	private void replay(ClientCall<Q, R> call, int attempt) {
		int requested = 0;
		int sent = 0;
		boolean halfClosed = false;
		while (true) {
			int more;
			List<Q> messages;
			boolean last;
			Cancellation cancellation;
			synchronized (this) {
				if (this.attempts != attempt) {
					return;
				}
				more = this.requested - requested;
				messages = messagesFrom(sent);
				last = this.halfClosed && !halfClosed;
				cancellation = this.cancellation;
				if (cancellation != null || (more == 0 && messages.isEmpty() && !last)) {
					this.replaying = false;
					if (!this.repeatable) {
						settle();
					}
					if (cancellation == null) {
						return;
					}
				}
			}
			if (cancellation != null) {
				call.cancel(cancellation.message(), cancellation.cause());
				return;
			}
			if (more > 0) {
				call.request(more);
				requested += more;
			}
			messages.forEach(call::sendMessage);
			sent += messages.size();
			if (last) {
				call.halfClose();
				halfClosed = true;
			}
		}
	}

	private List<Q> messagesFrom(int index) {
		Q first = this.message;
		if (first == null || index > this.further.size()) {
			return List.of();
		}
		List<Q> messages = new ArrayList<>(this.further.subList(Math.max(0, index - 1), this.further.size()));
		if (index == 0) {
			messages.add(0, first);
		}
		return messages;
	}

	/**
	 * Receives the responses of one attempt, and forwards them to the caller. A subclass
	 * overrides {@link #onClose}.
	 */
	protected abstract class Attempt extends Listener<R> {

		/**
		 * Create the call of this attempt. Runs in the context of the caller.
		 */
		protected abstract ClientCall<Q, R> newCall();

		@Override
		public void onHeaders(Metadata headers) {
			answered();
			listener().onHeaders(headers);
		}

		@Override
		public void onMessage(R message) {
			answered();
			listener().onMessage(message);
		}

		private void answered() {
			if (!RepeatableCall.this.settled) {
				settle();
			}
		}

		@Override
		public void onReady() {
			listener().onReady();
		}

	}

	/**
	 * The cancellation of the caller.
	 */
	private record Cancellation(@Nullable String message, @Nullable Throwable cause) {

	}

}
