package dev.pluggable.contract;

import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.pluggable.ComponentInstances;
import dev.pluggable.kind.ServiceCalls;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/**
 * Answers calls of all types, and turns exceptions into statuses. Safe for use by many
 * threads.
 */
final class Answers {

	private final ServiceCalls<?> calls;

	/**
	 * Create the answers of one kind.
	 * @param kind name of the kind, for messages
	 */
	Answers(String kind) {
		this.calls = new ServiceCalls<>(kind, new NoInstances(), ServiceCalls.ErrorTranslator.NONE);
	}

	<Q, R> ServerMethodDefinition<Q, R> unary(MethodDescriptor<Q, R> method, BiFunction<Q, Caller, R> work) {
		return ServerMethodDefinition.create(method,
				(call, headers) -> ServerCalls.<Q, R>asyncUnaryCall((request, observer) -> {
					R answer;
					try {
						answer = Objects.requireNonNull(work.apply(request, new CallingPlugin(call.getAttributes())),
								"The implementation has answered with null");
					}
					catch (RuntimeException | LinkageError ex) {
						observer.onError(status(method, ex));
						return;
					}
					observer.onNext(answer);
					observer.onCompleted();
				}).startCall(call, headers));
	}

	<Q, R> ServerMethodDefinition<Q, R> serverStream(MethodDescriptor<Q, R> method,
			BiFunction<Q, Caller, Stream<R>> work) {
		return ServerMethodDefinition.create(method,
				(call, headers) -> ServerCalls.<Q, R>asyncServerStreamingCall((request, observer) -> {
					try {
						Stream<R> answers = work.apply(request, new CallingPlugin(call.getAttributes()));
						new Pump<>(method, answers, (ServerCallStreamObserver<R>) observer).start();
					}
					catch (RuntimeException | LinkageError ex) {
						observer.onError(status(method, ex));
					}
				}).startCall(call, headers));
	}

	<Q, R> ServerMethodDefinition<Q, R> clientStream(MethodDescriptor<Q, R> method,
			Function<StreamObserver<R>, StreamObserver<Q>> work) {
		return ServerMethodDefinition.create(method,
				ServerCalls.<Q, R>asyncClientStreamingCall((observer) -> requests(method, work, observer)));
	}

	<Q, R> ServerMethodDefinition<Q, R> bidiStream(MethodDescriptor<Q, R> method,
			Function<StreamObserver<R>, StreamObserver<Q>> work) {
		return ServerMethodDefinition.create(method,
				ServerCalls.<Q, R>asyncBidiStreamingCall((observer) -> requests(method, work, observer)));
	}

	private <Q, R> StreamObserver<Q> requests(MethodDescriptor<Q, R> method,
			Function<StreamObserver<R>, StreamObserver<Q>> work, StreamObserver<R> observer) {
		try {
			return work.apply(observer);
		}
		catch (RuntimeException | LinkageError ex) {
			observer.onError(status(method, ex));
			return new Ignored<>();
		}
	}

	private Throwable status(MethodDescriptor<?, ?> method, Throwable failure) {
		if (failure instanceof StatusRuntimeException || failure instanceof StatusException) {
			return failure;
		}
		return this.calls.toStatus(Objects.requireNonNullElse(method.getBareMethodName(), method.getFullMethodName()),
				failure);
	}

	/**
	 * Sends the elements of a stream as fast as the caller reads.
	 *
	 * @param <R> answer
	 */
	private final class Pump<R> {

		private final MethodDescriptor<?, R> method;

		private final Stream<R> stream;

		private final Iterator<R> answers;

		private final ServerCallStreamObserver<R> observer;

		private final Context context = Context.current();

		private final Context.CancellationListener cancellation;

		private boolean ended;

		Pump(MethodDescriptor<?, R> method, Stream<R> stream, ServerCallStreamObserver<R> observer) {
			this.method = method;
			this.stream = stream;
			this.answers = stream.iterator();
			this.observer = observer;
			this.cancellation = (context) -> stream.close();
		}

		void start() {
			this.observer.setOnCancelHandler(() -> {
			});
			this.observer.setOnReadyHandler(this::send);
			// A reader may wait for the next element. The context hears of the end of the
			// call on another thread.
			this.context.addListener(this.cancellation, Runnable::run);
			send();
		}

		/**
		 * Send what the caller can take. gRPC calls this method again when the caller can
		 * take more, one call at a time.
		 */
		private void send() {
			try {
				while (!this.ended && this.observer.isReady() && !this.context.isCancelled()) {
					if (!this.answers.hasNext()) {
						end();
						this.observer.onCompleted();
						return;
					}
					this.observer.onNext(this.answers.next());
				}
			}
			catch (RuntimeException | LinkageError ex) {
				boolean cancelled = this.context.isCancelled();
				end();
				if (!cancelled) {
					this.observer.onError(status(this.method, ex));
				}
			}
		}

		private void end() {
			this.ended = true;
			this.context.removeListener(this.cancellation);
			this.stream.close();
		}

	}

	/**
	 * Receives the requests of a call that has failed.
	 *
	 * @param <Q> request
	 */
	private static final class Ignored<Q> implements StreamObserver<Q> {

		@Override
		public void onNext(Q request) {
		}

		@Override
		public void onError(Throwable failure) {
		}

		@Override
		public void onCompleted() {
		}

	}

	/**
	 * The instances of a contract, which the contract looks up itself.
	 */
	private static final class NoInstances implements ComponentInstances<Object> {

		@Override
		public Object current() {
			throw new IllegalStateException("Not used");
		}

		@Override
		public void initialize(Map<String, String> metadata) {
		}

	}

}
