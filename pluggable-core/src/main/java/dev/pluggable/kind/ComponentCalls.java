package dev.pluggable.kind;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pluggable.CallFailure;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import dev.pluggable.internal.support.CallProgress;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Calls to a component, for the proxies of kinds: blocking, asynchronous, with streams,
 * or by generated stubs. A call starts with the options of the component, is repeated if
 * its request certainly was not sent, and turns a status into an exception of this
 * product. <pre>{@code
 * final class GrpcThermometer implements Thermometer {
 *
 *     private final ComponentCalls calls;
 *
 *     GrpcThermometer(ComponentClient client) {
 *         this.calls = new ComponentCalls(client, ComponentCalls.FailureTranslator.NONE);
 *     }
 *
 *     public double celsius(String room) {
 *         return this.calls.unary(ThermometerGrpc.getReadMethod(), request(room)).getCelsius();
 *     }
 *
 * }
 * }</pre>
 * <p>
 * Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class ComponentCalls {

	private final ComponentClient client;

	private final Channel channel;

	private final CallOptions callOptions;

	/**
	 * The options of calls whose callers wait.
	 */
	private final CallOptions blockingOptions;

	private final FailureTranslator translator;

	/**
	 * The time of each call, {@code null} for the call timeout of the component.
	 */
	private final @Nullable Duration timeout;

	private final Channel stubs;

	/**
	 * Create the calls to one component.
	 * @param client access to the component
	 * @param translator turns failures that have a meaning in this kind into exceptions
	 */
	public ComponentCalls(ComponentClient client, FailureTranslator translator) {
		this(client, client.channel(), translator, null);
	}

	private ComponentCalls(ComponentClient client, Channel channel, FailureTranslator translator,
			@Nullable Duration timeout) {
		this.client = client;
		this.channel = channel;
		this.callOptions = client.callOptions();
		this.blockingOptions = this.callOptions.withStreamTracerFactory(CallProgress.OF_HOLDER);
		this.translator = translator;
		this.timeout = timeout;
		this.stubs = new StubChannel(client, this.callOptions,
				(method, status, trailers) -> translate(method, status.asRuntimeException(trailers)));
	}

	/**
	 * Call a unary method and wait for its response. The call ends at the call timeout of
	 * the component, 5 seconds by default; while the component is not ready, the call
	 * waits before that as long as the component's settings allow. A request that was not
	 * sent, because the connection was lost at that moment, is sent once more: the
	 * component cannot have applied it. If the thread is interrupted, the call is
	 * cancelled.
	 * @param <Q> the request
	 * @param <R> the response
	 * @param method a unary method
	 * @param request the request
	 * @return the response
	 * @throws PluggableException if the call fails; the translator or else the status
	 * code decides about its class
	 */
	public <Q, R> R unary(MethodDescriptor<Q, R> method, Q request) {
		CallOptions options = limited(this.blockingOptions);
		try {
			return BlockingCall.call(this.channel, method, options, request);
		}
		catch (StatusRuntimeException ex) {
			if (!(ex.getStatus().getCause() instanceof RequestNotSentException)) {
				throw translate(method, ex);
			}
		}
		try {
			return BlockingCall.call(this.channel, method, options, request);
		}
		catch (StatusRuntimeException ex) {
			throw translate(method, ex);
		}
	}

	private PluggableException translate(MethodDescriptor<?, ?> method, StatusRuntimeException ex) {
		if (ex.getStatus().getCause() instanceof ComponentUnavailableException unavailable) {
			// The call never left the gate, where another thread ended it.
			unavailable.setStackTrace(ex.getStackTrace());
			return unavailable;
		}
		String operation = method.getBareMethodName();
		CallFailure failure = CallFailure.of(this.client, (operation != null) ? operation : method.getFullMethodName(),
				ex);
		PluggableException translated = (failure.kitError() == null) ? this.translator.translate(failure) : null;
		return (translated != null) ? translated : failure.toException();
	}

	/**
	 * Call a unary method without waiting for its response. No thread waits: the call has
	 * the deadline, the wait at the gate, the repetition and the exceptions of
	 * {@link #unary}. Whoever completes the future, such as by
	 * {@link CompletableFuture#cancel cancel} or {@link CompletableFuture#orTimeout
	 * orTimeout}, cancels the call, and the component hears of it.
	 * <p>
	 * Stages of the future that name no executor run on the thread that receives the
	 * response, and must not block it.
	 * @param <Q> the request
	 * @param <R> the response
	 * @param method a unary method
	 * @param request the request
	 * @return completes with the response, or fails with a {@link PluggableException}
	 */
	public <Q, R> CompletableFuture<R> async(MethodDescriptor<Q, R> method, Q request) {
		return AsyncCall.start(this.channel, method, options(), request, true, (failure) -> translate(method, failure));
	}

	/**
	 * Call a method that takes one request and answers with a stream. The call has no
	 * deadline unless {@link #withTimeout} sets one. It is made again only until the
	 * component answers.
	 * @param <Q> the request
	 * @param <R> the response
	 * @param method a method with a stream of responses
	 * @param request the request
	 * @param responses receives the responses, and a {@link PluggableException} if the
	 * call fails; runs on a thread that it must not block. A
	 * {@link io.grpc.stub.ClientResponseObserver} can control the flow
	 * @return the call, whose {@link ClientCallStreamObserver#cancel cancel} reaches the
	 * component
	 */
	public <Q, R> ClientCallStreamObserver<Q> serverStream(MethodDescriptor<Q, R> method, Q request,
			StreamObserver<R> responses) {
		CallObserver<Q, R> observer = new CallObserver<>(responses);
		ClientCalls.asyncServerStreamingCall(newCall(method), request, observer);
		return observer.requests();
	}

	/**
	 * Call a method that takes one request and answers with a stream, and pull the
	 * responses one by one. The component sends a response when the caller asks for it.
	 * Closing the stream cancels the call, so the caller should close it if the caller
	 * may not read all responses. Apart from that like
	 * {@link #serverStream(MethodDescriptor, Object, StreamObserver) serverStream} with
	 * an observer. <pre>{@code
	 * try (Stream<Reading> readings = this.calls.stream(ThermometerGrpc.getWatchMethod(), request(room))) {
	 *     return readings.limit(10).toList();
	 * }
	 * }</pre>
	 * @param <Q> the request
	 * @param <R> the response
	 * @param method a method with a stream of responses
	 * @param request the request
	 * @return the responses, for one thread at a time. Reading blocks, and throws a
	 * {@link PluggableException} if the call fails or the thread is interrupted
	 * @throws ComponentUnavailableException if the component is not ready and the call
	 * must not wait
	 */
	public <Q, R> Stream<R> stream(MethodDescriptor<Q, R> method, Q request) {
		return ResponseStream.open(this.channel.newCall(method, options()), request,
				(failure) -> translate(method, failure));
	}

	/**
	 * Call a method that takes a stream of requests and answers with one response. Apart
	 * from that like {@link #serverStream}.
	 * @param <Q> the request
	 * @param <R> the response
	 * @param method a method with a stream of requests
	 * @param response receives the response, and a {@link PluggableException} if the call
	 * fails; runs on a thread that it must not block
	 * @return receives the requests; not safe for use by many threads
	 */
	public <Q, R> ClientCallStreamObserver<Q> clientStream(MethodDescriptor<Q, R> method, StreamObserver<R> response) {
		CallObserver<Q, R> observer = new CallObserver<>(response);
		ClientCalls.asyncClientStreamingCall(newCall(method), observer);
		return observer.requests();
	}

	/**
	 * Call a method with streams in both directions. Apart from that like
	 * {@link #serverStream}. A stream that must go on after a restart of the component is
	 * a {@link dev.pluggable.stream.ReopeningStream}.
	 * @param <Q> the request
	 * @param <R> the response
	 * @param method a method with streams in both directions
	 * @param responses receives the responses, and a {@link PluggableException} if the
	 * call fails; runs on a thread that it must not block
	 * @return receives the requests; not safe for use by many threads
	 */
	public <Q, R> ClientCallStreamObserver<Q> bidiStream(MethodDescriptor<Q, R> method, StreamObserver<R> responses) {
		CallObserver<Q, R> observer = new CallObserver<>(responses);
		ClientCalls.asyncBidiStreamingCall(newCall(method), observer);
		return observer.requests();
	}

	private <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method) {
		return channel().newCall(method, options());
	}

	/**
	 * The channel to the component for generated stubs of any kind. Calls have the limits
	 * of the component. A failed call ends with the status of the component, and the
	 * cause of the status is the exception that {@link #unary} would throw. A call that
	 * the component cannot take ends with {@code UNAVAILABLE} and a
	 * {@link ComponentUnavailableException} as its cause. The channel throws nothing.
	 * @return the channel, the same one always; safe for use by many threads
	 */
	public Channel channel() {
		return this.stubs;
	}

	/**
	 * The same calls with another time limit. Streams have this limit, too.
	 * @param timeout the time of each call, positive
	 * @return the calls
	 */
	public ComponentCalls withTimeout(Duration timeout) {
		if (timeout.isZero() || timeout.isNegative()) {
			throw new IllegalArgumentException("'timeout' must be positive: " + timeout);
		}
		return new ComponentCalls(this.client, this.channel, this.translator, timeout);
	}

	/**
	 * The same calls on one generation only, such as calls that pass an id of the
	 * generation's broker. {@link #channel()} stays as it is.
	 * @param generation a generation of the component
	 * @return the calls, which fail once the generation is lost
	 */
	public ComponentCalls on(ComponentGeneration generation) {
		return new ComponentCalls(this.client, generation.channel(), this.translator, this.timeout);
	}

	private CallOptions options() {
		return limited(this.callOptions);
	}

	private CallOptions limited(CallOptions options) {
		Duration timeout = this.timeout;
		return (timeout == null) ? options : options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
	}

	/**
	 * Call a unary method without blocking, such as in
	 * {@link dev.pluggable.ComponentKind#initialize ComponentKind.initialize} and
	 * {@link dev.pluggable.ComponentKind#ping ComponentKind.ping}. The call is neither
	 * repeated nor translated, and has no deadline but that of the channel.
	 * @param <Q> the request
	 * @param <R> the response
	 * @param channel the channel to call on
	 * @param method a unary method
	 * @param request the request
	 * @return completes with the response, or fails with a {@link StatusRuntimeException}
	 * or with the exception of an interceptor
	 */
	public static <Q, R> CompletionStage<R> async(Channel channel, MethodDescriptor<Q, R> method, Q request) {
		return AsyncCall.start(channel, method, CallOptions.DEFAULT, request, false, (failure) -> failure);
	}

	/**
	 * Turns failures that have a meaning in one kind into exceptions of that kind. Must
	 * be safe for use by many threads. Errors in the form of Dapr's error kit are not
	 * passed to it: they are translated by their status code.
	 */
	@FunctionalInterface
	public interface FailureTranslator {

		/**
		 * For kinds without exceptions of their own.
		 */
		FailureTranslator NONE = (failure) -> null;

		/**
		 * Translate a failure.
		 * @param failure the failed call
		 * @return the exception to throw, {@code null} for the exception that belongs to
		 * the status code
		 */
		@Nullable PluggableException translate(CallFailure failure);

	}

}
