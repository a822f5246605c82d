package dev.pluggable.kind;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

import dev.pluggable.internal.support.CallProgress;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * A unary call whose callbacks run on the thread that waits for its end. It does what
 * {@link io.grpc.stub.ClientCalls} does, with one object instead of a queue, a future and
 * a listener.
 *
 * @param <R> the response
 */
final class BlockingCall<R> extends ClientCall.Listener<R> implements CallProgress.Holder {

	@SuppressWarnings("rawtypes")
	private static final AtomicReferenceFieldUpdater<BlockingCall, CallProgress> PROGRESS = AtomicReferenceFieldUpdater
		.newUpdater(BlockingCall.class, CallProgress.class, "progress");

	private final Thread caller = Thread.currentThread();

	/**
	 * The next task of gRPC. Further tasks are rare, because gRPC has one callback at a
	 * time. This object guards the field and the next two.
	 */
	private @Nullable Runnable task;

	private @Nullable Queue<Runnable> moreTasks;

	private boolean ended;

	private @Nullable R response;

	private @Nullable Metadata trailers;

	private volatile @Nullable Status status;

	private volatile @Nullable CallProgress progress;

	private BlockingCall() {
	}

	/**
	 * Call the method and wait for its end. If the thread is interrupted, the call is
	 * cancelled, and the thread stays interrupted.
	 * @return the response
	 * @throws StatusRuntimeException if the call fails
	 */
	static <Q, R> R call(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request) {
		BlockingCall<R> blocking = new BlockingCall<>();
		ClientCall<Q, R> call = channel.newCall(method, options.withExecutor(blocking));
		try {
			call.start(blocking, new Metadata());
			// The second message would be an error, which must be noticed.
			call.request(2);
			call.sendMessage(request);
			call.halfClose();
			blocking.await(call);
		}
		catch (RuntimeException | Error ex) {
			call.cancel(null, ex);
			throw ex;
		}
		return blocking.result();
	}

	private void await(ClientCall<?, ?> call) {
		boolean interrupted = false;
		while (true) {
			Runnable next = next();
			if (next != null) {
				next.run();
			}
			else if (this.status != null) {
				break;
			}
			else if (!Thread.interrupted()) {
				LockSupport.park(this);
			}
			else if (!interrupted) {
				interrupted = true;
				call.cancel("Thread interrupted", new InterruptedException());
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private synchronized @Nullable Runnable next() {
		Runnable next = this.task;
		this.task = (this.moreTasks != null) ? this.moreTasks.poll() : null;
		if (next == null && this.status != null) {
			this.ended = true;
		}
		return next;
	}

	@Override
	public void execute(Runnable task) {
		if (!take(task)) {
			task.run();
			return;
		}
		LockSupport.unpark(this.caller);
	}

	private synchronized boolean take(Runnable task) {
		if (this.ended) {
			return false;
		}
		if (this.task == null) {
			this.task = task;
		}
		else {
			if (this.moreTasks == null) {
				this.moreTasks = new ArrayDeque<>();
			}
			this.moreTasks.add(task);
		}
		return true;
	}

	@Override
	public @Nullable CallProgress progress() {
		return this.progress;
	}

	@Override
	public @Nullable CallProgress replaceProgress(CallProgress progress) {
		return PROGRESS.getAndSet(this, progress);
	}

	@Override
	public void onMessage(R message) {
		if (this.response != null) {
			throw Status.INTERNAL.withDescription("A unary call got more than one answer").asRuntimeException();
		}
		this.response = message;
	}

	@Override
	public void onClose(Status status, Metadata trailers) {
		this.trailers = trailers;
		this.status = status;
		if (Thread.currentThread() != this.caller) {
			// An interceptor has ended the call on another thread.
			LockSupport.unpark(this.caller);
		}
	}

	private R result() {
		Status status = this.status;
		R response = this.response;
		if (status != null && !status.isOk()) {
			throw status.asRuntimeException(this.trailers);
		}
		if (response == null) {
			throw Status.INTERNAL.withDescription("A unary call got no answer").asRuntimeException(this.trailers);
		}
		return response;
	}

}
