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
 * How the proxies of all kinds call: blocking, repeated once if it is certain that the
 * request was not sent, and with a status turned into an exception. Safe for use by many
 * threads.
 *
 * @since 0.1.0
 */
public final class ComponentCalls {

	private final ComponentClient client;

	private final Channel channel;

	private final CallOptions callOptions;

	private final FailureTranslator translator;

	/**
	 * Calls to one component.
	 * @param client the way to the component
	 * @param translator knows the errors of the kind
	 */
	public ComponentCalls(ComponentClient client, FailureTranslator translator) {
		this.client = client;
		this.channel = client.channel();
		this.callOptions = client.callOptions();
		this.translator = translator;
	}

	/**
	 * Call a unary method and wait for its answer. A request that certainly was not sent,
	 * because the connection had just gone, is sent once more: nothing can have been
	 * applied twice.
	 * @param <Q> request
	 * @param <R> response
	 * @param method the method
	 * @param request the request
	 * @return the response
	 * @throws PluggableException if the call fails
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
	 * Call a unary method without waiting.
	 * @param <Q> request
	 * @param <R> response
	 * @param channel the channel
	 * @param method the method
	 * @param request the request
	 * @return completes with the response, or fails with a {@link StatusRuntimeException}
	 * or with what an interceptor threw
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
							Status.INTERNAL.withDescription("No answer for a unary call").asRuntimeException());
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
	 * Turns the failures that mean something particular in one kind into exceptions. It
	 * is not asked about errors in the form of Dapr's kit, which come before all else.
	 */
	@FunctionalInterface
	public interface FailureTranslator {

		/**
		 * Translate a failure.
		 * @param failure the failed call
		 * @return the exception, {@code null} to go by the status code
		 */
		@Nullable PluggableException translate(CallFailure failure);

	}

}
