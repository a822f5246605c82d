package dev.pluggable.contract;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.internal.broker.GrpcBroker;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.plugin.BrokeredServer;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;

/**
 * Unary calls that hand over objects. Each call is made on one generation, whose broker
 * serves the objects. Safe for use by many threads.
 */
final class ReferenceCalls {

	/**
	 * The time until a call looks for the next process, if the broker of a process has
	 * ended and the host has not noticed the end of the process yet.
	 */
	private static final long NEXT_LOOK_MILLIS = 10;

	private final ComponentClient client;

	private final ComponentCalls calls;

	ReferenceCalls(ComponentClient client, ComponentCalls calls) {
		this.client = client;
		this.calls = calls;
	}

	/**
	 * Make a call within the creation of an object.
	 */
	static <Q, R> R call(Channel channel, MethodDescriptor<Q, R> method, Q request) {
		Objects.requireNonNull(request, () -> "The request of " + method.getBareMethodName() + " is null");
		return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
	}

	<Q, R> R unary(MethodDescriptor<Q, R> method, Lifetime lifetime, RequestFactory<Q> request) {
		CompletableFuture<R> answer = async(method, lifetime, request);
		try {
			return answer.get();
		}
		catch (InterruptedException ex) {
			answer.cancel(false);
			Thread.currentThread().interrupt();
			throw new ComponentException("The thread was interrupted during " + method.getBareMethodName() + " of "
					+ this.client.component(), ex);
		}
		catch (ExecutionException ex) {
			Throwable cause = ex.getCause();
			if (cause instanceof RuntimeException exception) {
				throw exception;
			}
			if (cause instanceof Error error) {
				throw error;
			}
			throw new ComponentException(String.valueOf(cause), cause);
		}
	}

	<Q, R> CompletableFuture<R> async(MethodDescriptor<Q, R> method, Lifetime lifetime, RequestFactory<Q> request) {
		Call<Q, R> call = new Call<>(method, lifetime, request);
		call.attempt(true);
		return call;
	}

	/**
	 * One call. Whoever completes it ends the attempt that is under way.
	 *
	 * @param <Q> request
	 * @param <R> answer
	 */
	private final class Call<Q, R> extends CompletableFuture<R> {

		private final MethodDescriptor<Q, R> method;

		private final Lifetime lifetime;

		private final RequestFactory<Q> request;

		private final long begun = System.nanoTime();

		Call(MethodDescriptor<Q, R> method, Lifetime lifetime, RequestFactory<Q> request) {
			this.method = method;
			this.lifetime = lifetime;
			this.request = request;
		}

		/**
		 * Make the call on the current generation, as soon as there is one.
		 */
		void attempt(boolean repeatable) {
			CompletableFuture<ComponentGeneration> wait = ReferenceCalls.this.client.currentGeneration()
				.toCompletableFuture();
			wait.whenComplete((generation, failure) -> {
				if (failure != null) {
					completeExceptionally(cause(failure));
				}
				else {
					attempt(generation, repeatable);
				}
			});
		}

		private void attempt(ComponentGeneration generation, boolean repeatable) {
			if (isDone()) {
				return;
			}
			List<BrokeredServer> served = new CopyOnWriteArrayList<>();
			CompletableFuture<R> answer;
			try {
				Q message = this.request.create(new GenerationReferences(generation.attributes(), served::add));
				answer = ReferenceCalls.this.calls.on(generation).async(this.method, message);
			}
			catch (RuntimeException | Error ex) {
				answer = CompletableFuture.failedFuture(ex);
			}
			CompletableFuture<R> call = answer;
			whenComplete((result, failure) -> call.cancel(false));
			call.whenComplete((result, failure) -> {
				if (failure != null || this.lifetime == Lifetime.CALL) {
					served.forEach(BrokeredServer::close);
				}
				if (failure == null) {
					complete(result);
				}
				else if (cause(failure) instanceof PluginException && hasEnded(generation)) {
					attemptLater(repeatable, cause(failure));
				}
				else if (repeatable && isRepeatable(cause(failure), generation)) {
					attempt(false);
				}
				else {
					completeExceptionally(cause(failure));
				}
			});
		}

		private boolean hasEnded(ComponentGeneration generation) {
			return generation.attributes().get(PluginBroker.KEY) instanceof GrpcBroker broker && broker.hasEnded();
		}

		/**
		 * Make the call as soon as the host has noticed the end of the process. Nothing
		 * was sent.
		 */
		private void attemptLater(boolean repeatable, Throwable failure) {
			ComponentClient client = ReferenceCalls.this.client;
			if (System.nanoTime() - this.begun > client.callTimeout().toNanos()) {
				completeExceptionally(failure);
				return;
			}
			orFail(failure,
					() -> client.scheduler()
						.schedule(() -> orFail(failure, () -> client.executor().execute(() -> attempt(repeatable))),
								NEXT_LOOK_MILLIS, TimeUnit.MILLISECONDS));
		}

		/**
		 * Hand a task over, or end with a failure if the host has closed.
		 */
		private void orFail(Throwable failure, Runnable handOver) {
			try {
				handOver.run();
			}
			catch (RejectedExecutionException ex) {
				completeExceptionally(failure);
			}
		}

		/**
		 * Whether the failed attempt may be made on another generation: nothing can have
		 * happened in the process, or the {@code .proto} allows repetition.
		 */
		private boolean isRepeatable(Throwable failure, ComponentGeneration generation) {
			if (isDone() || generation.current()) {
				return false;
			}
			if (failure instanceof ComponentUnavailableException unavailable) {
				return !unavailable.mayHaveBeenApplied() || this.method.isIdempotent() || this.method.isSafe();
			}
			return failure instanceof PluginException;
		}

		private Throwable cause(Throwable failure) {
			Throwable cause = failure;
			while (cause instanceof CompletionException && cause.getCause() != null) {
				cause = cause.getCause();
			}
			return cause;
		}

	}

}
