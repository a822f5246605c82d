package dev.pluggable.kind;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.pluggable.CallFailure;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import dev.pluggable.internal.support.RequestNotSentException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Calls to a component, for the proxies of kinds. A call starts with the options of the
 * component, is repeated if its request certainly was not sent, and turns a status into
 * an exception of this product. <pre>{@code
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

	private final FailureTranslator translator;

	/**
	 * Create the calls to one component.
	 * @param client access to the component
	 * @param translator turns failures that have a meaning in this kind into exceptions
	 */
	public ComponentCalls(ComponentClient client, FailureTranslator translator) {
		this.client = client;
		this.channel = client.channel();
		this.callOptions = client.callOptions();
		this.translator = translator;
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
		try {
			return BlockingCall.call(this.channel, method, this.callOptions, request);
		}
		catch (StatusRuntimeException ex) {
			if (!(ex.getStatus().getCause() instanceof RequestNotSentException)) {
				throw translate(method, ex);
			}
		}
		try {
			return BlockingCall.call(this.channel, method, this.callOptions, request);
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
		CompletableFuture<R> future = new CompletableFuture<>();
		try {
			start(channel.newCall(method, CallOptions.DEFAULT), request, future);
		}
		catch (RuntimeException ex) {
			future.completeExceptionally(ex);
		}
		return future;
	}

	private static <Q, R> void start(ClientCall<Q, R> call, Q request, CompletableFuture<R> future) {
		call.start(new ClientCall.Listener<R>() {

			private @Nullable R response;

			@Override
			public void onMessage(R message) {
				this.response = message;
			}

			@Override
			public void onClose(Status status, Metadata trailers) {
				R received = this.response;
				if (!status.isOk()) {
					future.completeExceptionally(status.asRuntimeException(trailers));
				}
				else if (received == null) {
					future.completeExceptionally(
							Status.INTERNAL.withDescription("A unary call got no answer").asRuntimeException());
				}
				else {
					future.complete(received);
				}
			}

		}, new Metadata());
		call.request(2);
		call.sendMessage(request);
		call.halfClose();
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
