package dev.pluggable.grpc;

import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import dev.pluggable.PluggableException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * Calls to the methods of a {@link DynamicService} by their names. All calls behave as
 * those of {@link dev.pluggable.kind.ComponentCalls} do. In addition they throw an
 * {@link dev.pluggable.UnsupportedOperationByComponentException} if the service has no
 * such method, an {@link IllegalArgumentException} if the method has another type of
 * call, a {@link dev.pluggable.InvalidRequestException} if a request is not of the type
 * of the method, and a {@link dev.pluggable.ComponentUnavailableException} if the server
 * does not describe the service. Futures and observers receive these exceptions instead.
 * Safe for use by many threads.
 *
 * @param <M> the form of the messages
 * @since 0.1.0
 */
public interface DynamicCalls<M> {

	/**
	 * Call a unary method and wait for its response.
	 * @param method name of the method, without the service
	 * @param request the request
	 * @return the response
	 * @throws PluggableException if the call fails
	 */
	M unary(String method, M request);

	/**
	 * Call a unary method without waiting for its response. No thread waits, not even for
	 * the first process. Whoever completes the future cancels the call.
	 * @param method name of the method, without the service
	 * @param request the request
	 * @return completes with the response, or fails with the exception of {@link #unary}
	 */
	CompletableFuture<M> async(String method, M request);

	/**
	 * Call a method that answers with a stream, and pull the responses one by one.
	 * Closing the stream cancels the call.
	 * @param method name of the method, without the service
	 * @param request the request
	 * @return the responses, for one thread at a time
	 * @throws PluggableException if the call cannot be made; reading throws it if the
	 * call fails
	 */
	Stream<M> stream(String method, M request);

	/**
	 * Call a method that answers with a stream. Waits for the description of the service
	 * only.
	 * @param method name of the method, without the service
	 * @param request the request
	 * @param responses receives the responses, and a {@link PluggableException} if the
	 * call fails; runs on a thread that it must not block
	 * @return the call, which can be cancelled
	 * @throws PluggableException if the call cannot be made
	 */
	ClientCallStreamObserver<?> serverStream(String method, M request, StreamObserver<M> responses);

	/**
	 * Call a method that takes a stream of requests and answers with one response. Waits
	 * for the description of the service only.
	 * @param method name of the method, without the service
	 * @param response receives the response, and a {@link PluggableException} if the call
	 * fails; runs on a thread that it must not block
	 * @return receives the requests; not safe for use by many threads. A request of
	 * another type ends the call
	 * @throws PluggableException if the call cannot be made
	 */
	ClientCallStreamObserver<M> clientStream(String method, StreamObserver<M> response);

	/**
	 * Call a method with streams in both directions. Apart from that like
	 * {@link #clientStream}.
	 * @param method name of the method, without the service
	 * @param responses receives the responses, and a {@link PluggableException} if the
	 * call fails; runs on a thread that it must not block
	 * @return receives the requests; not safe for use by many threads
	 * @throws PluggableException if the call cannot be made
	 */
	ClientCallStreamObserver<M> bidiStream(String method, StreamObserver<M> responses);

}
