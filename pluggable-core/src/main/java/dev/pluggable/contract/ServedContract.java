package dev.pluggable.contract;

import java.util.function.Supplier;
import java.util.stream.Stream;

import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.stub.StreamObserver;

/**
 * Answers calls by an implementation of a generated interface. The implementation may
 * block. A {@link dev.pluggable.PluggableException} and a
 * {@link io.grpc.StatusRuntimeException} of the implementation keep their status; another
 * exception becomes {@code INTERNAL}, is logged, and is sent with the name of its class
 * only. Safe for use by many threads.
 *
 * @param <T> the generated interface
 * @since 0.1.0
 */
public final class ServedContract<T extends ContractObject> {

	private final Supplier<? extends T> implementation;

	private final Answers answers;

	/**
	 * Create the answers of an implementation.
	 * @param kind the kind, for messages
	 * @param implementation returns the implementation for each call
	 */
	public ServedContract(ContractKind<T> kind, Supplier<? extends T> implementation) {
		this.implementation = implementation;
		this.answers = new Answers(kind.name());
	}

	/**
	 * Answer a unary method.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method the method
	 * @param work calls the implementation
	 * @return the method of the server
	 */
	public <Q, R> ServerMethodDefinition<Q, R> unary(MethodDescriptor<Q, R> method, UnaryWork<T, Q, R> work) {
		return this.answers.unary(method, (request, caller) -> work.answer(this.implementation.get(), request, caller));
	}

	/**
	 * Answer the method that closes the object. If the object was handed over to a
	 * plugin, the connection that serves it ends after the answer.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method the method
	 * @param answer the answer
	 * @return the method of the server
	 */
	public <Q, R> ServerMethodDefinition<Q, R> close(MethodDescriptor<Q, R> method, R answer) {
		ServerMethodDefinition<Q, R> served = unary(method, (contract, request, caller) -> {
			contract.close();
			return answer;
		});
		return served.withServerCallHandler(new CloseHandler<>(served.getServerCallHandler()));
	}

	/**
	 * Answer a method with a stream of answers. The stream is pulled on the thread of the
	 * call as fast as the caller reads, and is closed at the end of the call.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method the method
	 * @param work calls the implementation
	 * @return the method of the server
	 */
	public <Q, R> ServerMethodDefinition<Q, R> serverStream(MethodDescriptor<Q, R> method,
			UnaryWork<T, Q, Stream<R>> work) {
		return this.answers.serverStream(method,
				(request, caller) -> work.answer(this.implementation.get(), request, caller));
	}

	/**
	 * Answer a method with a stream of requests.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method the method
	 * @param work calls the implementation
	 * @return the method of the server
	 */
	public <Q, R> ServerMethodDefinition<Q, R> clientStream(MethodDescriptor<Q, R> method, StreamWork<T, Q, R> work) {
		return this.answers.clientStream(method, (answers) -> work.requests(this.implementation.get(), answers));
	}

	/**
	 * Answer a method with streams in both directions.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method the method
	 * @param work calls the implementation
	 * @return the method of the server
	 */
	public <Q, R> ServerMethodDefinition<Q, R> bidiStream(MethodDescriptor<Q, R> method, StreamWork<T, Q, R> work) {
		return this.answers.bidiStream(method, (answers) -> work.requests(this.implementation.get(), answers));
	}

	/**
	 * Answers one request.
	 *
	 * @param <T> the generated interface
	 * @param <Q> request
	 * @param <R> answer
	 */
	@FunctionalInterface
	public interface UnaryWork<T, Q, R> {

		/**
		 * Answer a request.
		 * @param implementation the implementation
		 * @param request the request
		 * @param caller the caller, for objects in request and answer
		 * @return the answer
		 */
		R answer(T implementation, Q request, Caller caller);

	}

	/**
	 * Answers a stream of requests.
	 *
	 * @param <T> the generated interface
	 * @param <Q> request
	 * @param <R> answer
	 */
	@FunctionalInterface
	public interface StreamWork<T, Q, R> {

		/**
		 * Begin to answer.
		 * @param implementation the implementation
		 * @param answers receives the answers
		 * @return receives the requests
		 */
		StreamObserver<Q> requests(T implementation, StreamObserver<R> answers);

	}

}
