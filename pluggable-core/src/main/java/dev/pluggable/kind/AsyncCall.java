package dev.pluggable.kind;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * A unary call for which no thread waits. Whoever completes the future cancels the call.
 *
 * @param <Q> the request
 * @param <R> the response
 */
final class AsyncCall<Q, R> extends CompletableFuture<R> {

	private final Channel channel;

	private final MethodDescriptor<Q, R> method;

	private final CallOptions options;

	private final Q request;

	private final Function<StatusRuntimeException, ? extends Throwable> failures;

	private final Context context = Context.current();

	/**
	 * The call of the current attempt.
	 */
	private volatile @Nullable ClientCall<Q, R> call;

	private boolean repeatable;

	private AsyncCall(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request,
			boolean repeatable, Function<StatusRuntimeException, ? extends Throwable> failures) {
		this.channel = channel;
		this.method = method;
		this.options = options;
		this.request = request;
		this.repeatable = repeatable;
		this.failures = failures;
	}

	/**
	 * Make the call.
	 * @param repeatable whether to make the call once more if its request was not sent
	 * @param failures turns the status of a failed call into the exception of the future
	 * @return the future, whose stages run on the thread that received the answer
	 */
	static <Q, R> AsyncCall<Q, R> start(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request,
			boolean repeatable, Function<StatusRuntimeException, ? extends Throwable> failures) {
		AsyncCall<Q, R> future = new AsyncCall<>(channel, method, options, request, repeatable, failures);
		future.attempt();
		return future;
	}

	private void attempt() {
		try {
			ClientCall<Q, R> call = this.channel.newCall(this.method, this.options);
			this.call = call;
			call.start(new Answer(), new Metadata());
			// The second message would be an error, which must be noticed.
			call.request(2);
			call.sendMessage(this.request);
			call.halfClose();
			if (isDone()) {
				end(null);
			}
		}
		catch (RuntimeException ex) {
			fail(ex);
		}
	}

	private void fail(Throwable failure) {
		super.completeExceptionally(failure);
		end(failure);
	}

	/**
	 * End the call, if it has not ended.
	 */
	private void end(@Nullable Throwable cause) {
		ClientCall<Q, R> call = this.call;
		if (call != null) {
			call.cancel("The future of the call was completed", cause);
		}
	}

	private void closed(Status status, Metadata trailers, @Nullable R response) {
		if (isDone()) {
			return;
		}
		if (status.isOk() && response != null) {
			super.complete(response);
			return;
		}
		if (this.repeatable && status.getCause() instanceof RequestNotSentException) {
			this.repeatable = false;
			this.context.run(this::attempt);
			return;
		}
		Status failure = status.isOk() ? Status.INTERNAL.withDescription("A unary call got no answer") : status;
		super.completeExceptionally(this.failures.apply(failure.asRuntimeException(trailers)));
	}

	@Override
	public boolean cancel(boolean mayInterruptIfRunning) {
		boolean cancelled = super.cancel(mayInterruptIfRunning);
		end(null);
		return cancelled;
	}

	@Override
	public boolean complete(R value) {
		boolean completed = super.complete(value);
		end(null);
		return completed;
	}

	@Override
	public boolean completeExceptionally(Throwable failure) {
		boolean completed = super.completeExceptionally(failure);
		end(failure);
		return completed;
	}

	@Override
	public <U> CompletableFuture<U> newIncompleteFuture() {
		return new CompletableFuture<>();
	}

	/**
	 * Receives the answer to one attempt.
	 */
	private final class Answer extends ClientCall.Listener<R> {

		private @Nullable R response;

		@Override
		public void onMessage(R message) {
			if (this.response != null) {
				throw Status.INTERNAL.withDescription("A unary call got more than one answer").asRuntimeException();
			}
			this.response = message;
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			closed(status, trailers, this.response);
		}

	}

}
