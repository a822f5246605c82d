package dev.pluggable.internal.endpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.pluggable.ComponentUnavailableException;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call that waits for a gate to open and holds no thread meanwhile. The waiting call
 * records the methods that its caller invokes. When the gate opens, the waiting call
 * starts the real call and replays these methods in the same order. If the gate does not
 * open in time, the call ends with a status whose cause is a
 * {@link ComponentUnavailableException}. Nothing was sent in that case.
 *
 * @param <T> type of the gate's target
 * @param <Q> request
 * @param <R> response
 */
public final class WaitingCall<T, Q, R> extends ClientCall<Q, R> implements Gate.Waiter<T> {

	private final Gate<T> gate;

	private final long waitNanos;

	private final @Nullable Deadline deadline;

	private final Executor executor;

	private final Supplier<ComponentUnavailableException> unavailability;

	private final Function<T, ClientCall<Q, R>> calls;

	private final Context context = Context.current();

	private final Context.CancellationListener contextListener = this::contextCancelled;

	/**
	 * The recorded methods, to be replayed on the call behind the gate. This object
	 * guards the list and the state.
	 */
	private List<Runnable> pending = new ArrayList<>();

	private State state = State.NEW;

	private volatile @Nullable ClientCall<Q, R> call;

	/**
	 * Whether all recorded methods were replayed.
	 */
	private volatile boolean passed;

	private @Nullable Listener<R> listener;

	private Metadata headers = new Metadata();

	/**
	 * Create a call that begins to wait at its start.
	 * @param gate the gate
	 * @param waitNanos longest wait in nanoseconds; the deadlines of the call and of its
	 * context may end the wait earlier
	 * @param options options of the call
	 * @param executor runs callbacks if the options have no executor
	 * @param unavailability tells why the gate is closed
	 * @param calls makes the call when the gate opens
	 */
	public WaitingCall(Gate<T> gate, long waitNanos, CallOptions options, Executor executor,
			Supplier<ComponentUnavailableException> unavailability, Function<T, ClientCall<Q, R>> calls) {
		this.gate = gate;
		this.waitNanos = waitNanos;
		this.deadline = earlier(options.getDeadline(), this.context.getDeadline());
		this.executor = Objects.requireNonNullElse(options.getExecutor(), executor);
		this.unavailability = unavailability;
		this.calls = calls;
	}

	private static @Nullable Deadline earlier(@Nullable Deadline left, @Nullable Deadline right) {
		if (left == null || right == null) {
			return (left != null) ? left : right;
		}
		return left.minimum(right);
	}

	@Override
	public void start(Listener<R> listener, Metadata headers) {
		boolean cancelled;
		synchronized (this) {
			if (this.listener != null) {
				throw new IllegalStateException("The call was started already");
			}
			this.listener = listener;
			this.headers = headers;
			cancelled = this.state == State.ENDED;
			if (!cancelled) {
				this.state = State.WAITING;
			}
		}
		if (cancelled) {
			end(Status.CANCELLED.withDescription("The call was cancelled before it was started"));
			return;
		}
		this.context.addListener(this.contextListener, Runnable::run);
		T target = this.gate.enter(this, remainingNanos());
		if (target == null) {
			leaveIfEnded();
		}
		else if (stopWaiting(State.PASSING)) {
			pass(target);
		}
	}

	/**
	 * Leave the gate if the call has ended. Another thread may have cancelled the call
	 * just before the call entered the gate.
	 */
	private void leaveIfEnded() {
		boolean waiting;
		synchronized (this) {
			waiting = this.state == State.WAITING;
		}
		if (!waiting) {
			this.gate.leave(this);
		}
	}

	private long remainingNanos() {
		return (this.deadline != null) ? Math.min(this.waitNanos, this.deadline.timeRemaining(TimeUnit.NANOSECONDS))
				: this.waitNanos;
	}

	/**
	 * Stop waiting, once.
	 * @return whether the call was waiting
	 */
	private boolean stopWaiting(State next) {
		synchronized (this) {
			if (this.state != State.WAITING) {
				return false;
			}
			this.state = next;
			if (next == State.ENDED) {
				this.pending.clear();
			}
		}
		this.context.removeListener(this.contextListener);
		return true;
	}

	@Override
	public void opened(T target) {
		if (stopWaiting(State.PASSING)) {
			pass(target);
		}
	}

	@Override
	public Executor executor() {
		return this.executor;
	}

	@Override
	public boolean canWait() {
		return this.deadline == null || !this.deadline.isExpired();
	}

	@Override
	public void refused() {
		if (stopWaiting(State.ENDED)) {
			ComponentUnavailableException reason = this.unavailability.get();
			boolean late = this.deadline != null && this.deadline.isExpired();
			end((late ? Status.DEADLINE_EXCEEDED : Status.UNAVAILABLE).withDescription(reason.getMessage())
				.withCause(reason));
		}
	}

	/**
	 * Start the call behind the gate and replay the recorded methods on it. Callbacks are
	 * held back until the end of the replay, so that the caller never hears that the call
	 * is ready before the call has sent the recorded messages.
	 */
	private void pass(T target) {
		Callbacks<R> callbacks = new Callbacks<>(Objects.requireNonNull(this.listener));
		ClientCall<Q, R> call;
		Context before = this.context.attach();
		try {
			call = this.calls.apply(target);
			call.start(callbacks, this.headers);
		}
		catch (RuntimeException | Error ex) {
			synchronized (this) {
				this.state = State.ENDED;
				this.pending.clear();
			}
			end(Status.fromThrowable(ex));
			return;
		}
		finally {
			this.context.detach(before);
		}
		this.call = call;
		handOn(call);
		if (!callbacks.releaseIfNoneIsHeld()) {
			// A callback may block, and other calls may wait for this thread.
			execute(() -> callbacks.release(call));
		}
	}

	private void handOn(ClientCall<Q, R> call) {
		while (true) {
			List<Runnable> kept;
			synchronized (this) {
				if (this.pending.isEmpty()) {
					this.passed = true;
					return;
				}
				kept = this.pending;
				this.pending = new ArrayList<>();
			}
			try {
				kept.forEach(Runnable::run);
			}
			catch (RuntimeException | Error ex) {
				// No caller can catch the exception, so the call must end.
				call.cancel("The request could not be forwarded", ex);
			}
		}
	}

	/**
	 * Record a method until the call behind the gate can take it.
	 * @return {@code false} if the call can take the method now
	 */
	private synchronized boolean keep(Runnable request) {
		if (this.passed) {
			return false;
		}
		if (this.state != State.ENDED) {
			this.pending.add(request);
		}
		return true;
	}

	private ClientCall<Q, R> call() {
		return Objects.requireNonNull(this.call);
	}

	private void ask(Runnable request) {
		if (this.passed || !keep(request)) {
			request.run();
		}
	}

	@Override
	public void request(int count) {
		ask(() -> call().request(count));
	}

	@Override
	public void sendMessage(Q message) {
		ask(() -> call().sendMessage(message));
	}

	@Override
	public void halfClose() {
		ask(() -> call().halfClose());
	}

	@Override
	public void setMessageCompression(boolean enabled) {
		ask(() -> call().setMessageCompression(enabled));
	}

	@Override
	public void cancel(@Nullable String message, @Nullable Throwable cause) {
		synchronized (this) {
			if (this.state == State.NEW) {
				this.state = State.ENDED;
				this.pending.clear();
				return;
			}
		}
		if (stopWaiting(State.ENDED)) {
			this.gate.leave(this);
			// An interrupted thread gets the reason for which it waited.
			Throwable reason = (cause instanceof InterruptedException) ? this.unavailability.get() : cause;
			end(Status.CANCELLED.withDescription(message).withCause(reason));
			return;
		}
		ask(() -> call().cancel(message, cause));
	}

	private void contextCancelled(Context context) {
		Throwable cause = context.cancellationCause();
		if (cause instanceof TimeoutException) {
			this.gate.leave(this);
			refused();
		}
		else {
			cancel("The context of the call was cancelled", cause);
		}
	}

	@Override
	public boolean isReady() {
		return this.passed && call().isReady();
	}

	@Override
	public Attributes getAttributes() {
		ClientCall<Q, R> call = this.call;
		return (call != null) ? call.getAttributes() : Attributes.EMPTY;
	}

	private void end(Status status) {
		Listener<R> listener = Objects.requireNonNull(this.listener);
		execute(this.context.wrap(() -> listener.onClose(status, new Metadata())));
	}

	/**
	 * Run a task on the executor of the call. A blocked caller has an executor that runs
	 * tasks on its own thread.
	 */
	private void execute(Runnable task) {
		Gate.execute(this.executor, task);
	}

	private enum State {

		/**
		 * The call was not started.
		 */
		NEW,

		/**
		 * The call waits for the gate to open.
		 */
		WAITING,

		/**
		 * The gate has opened, and the call is or will be made.
		 */
		PASSING,

		/**
		 * The call has ended without passing the gate.
		 */
		ENDED

	}

	/**
	 * Holds callbacks back until their release, and passes all later callbacks on.
	 *
	 * @param <R> response
	 */
	private static final class Callbacks<R> extends Listener<R> {

		private final Listener<R> delegate;

		/**
		 * The callbacks that are held back. Guarded by this object.
		 */
		private List<Runnable> held = new ArrayList<>();

		private volatile boolean released;

		/**
		 * The exception of a callback that was held back. The call ends with this
		 * exception.
		 */
		private volatile @Nullable Throwable failure;

		Callbacks(Listener<R> delegate) {
			this.delegate = delegate;
		}

		synchronized boolean releaseIfNoneIsHeld() {
			if (this.held.isEmpty()) {
				this.released = true;
			}
			return this.released;
		}

		void release(ClientCall<?, R> call) {
			while (true) {
				List<Runnable> due;
				synchronized (this) {
					if (this.held.isEmpty()) {
						this.released = true;
						return;
					}
					due = this.held;
					this.held = new ArrayList<>();
				}
				for (Runnable callback : due) {
					try {
						callback.run();
					}
					catch (RuntimeException | Error ex) {
						this.failure = ex;
						call.cancel("A callback of the call failed", ex);
					}
				}
			}
		}

		private void run(Runnable callback) {
			if (this.released || !hold(callback)) {
				callback.run();
			}
		}

		private synchronized boolean hold(Runnable callback) {
			if (this.released) {
				return false;
			}
			this.held.add(callback);
			return true;
		}

		@Override
		public void onHeaders(Metadata headers) {
			run(() -> {
				if (this.failure == null) {
					this.delegate.onHeaders(headers);
				}
			});
		}

		@Override
		public void onMessage(R message) {
			run(() -> {
				if (this.failure == null) {
					this.delegate.onMessage(message);
				}
			});
		}

		@Override
		public void onReady() {
			run(() -> {
				if (this.failure == null) {
					this.delegate.onReady();
				}
			});
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			run(() -> {
				Throwable failure = this.failure;
				this.delegate.onClose(
						(failure == null) ? status
								: Status.CANCELLED.withDescription("A callback of the call failed").withCause(failure),
						trailers);
			});
		}

	}

}
