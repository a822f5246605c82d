package dev.pluggable.internal.reflection;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.regex.Pattern;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;

/**
 * Lists the services of a server by gRPC reflection. Older servers offer only
 * {@code grpc.reflection.v1alpha}, so this class asks by that version if the server does
 * not implement {@code grpc.reflection.v1}.
 */
public final class ServiceReflection {

	private static final Pattern NAME = Pattern.compile("[\\w.]{1,200}");

	/**
	 * Whether the last server that answered implements only the older version.
	 */
	private volatile boolean alphaFirst;

	/**
	 * List the services of a server. This method does not block.
	 * @param channel channel to the server; a deadline of the channel limits each of the
	 * two attempts
	 * @return completes with the full names of the services, or fails with a
	 * {@link StatusRuntimeException}: {@code UNIMPLEMENTED} if the server offers neither
	 * version
	 */
	public CompletionStage<Set<String>> listServices(Channel channel) {
		boolean alpha = this.alphaFirst;
		return list(channel, alpha).handle((services, failure) -> {
			if (failure == null) {
				return CompletableFuture.completedFuture(services);
			}
			return isUnimplemented(failure) ? list(channel, !alpha)
					: CompletableFuture.<Set<String>>failedFuture(failure);
		}).thenCompose(Function.identity());
	}

	private CompletableFuture<Set<String>> list(Channel channel, boolean alpha) {
		return (alpha ? listV1Alpha(channel) : listV1(channel)).whenComplete((services, failure) -> {
			if (failure == null && this.alphaFirst != alpha) {
				this.alphaFirst = alpha;
			}
		});
	}

	private static boolean isUnimplemented(Throwable failure) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		return cause instanceof StatusRuntimeException status
				&& status.getStatus().getCode() == Status.Code.UNIMPLEMENTED;
	}

	private static CompletableFuture<Set<String>> listV1(Channel channel) {
		return ask(channel, ServerReflectionGrpc.getServerReflectionInfoMethod(),
				ServerReflectionRequest.newBuilder().setListServices("").build(), ServiceReflection::services);
	}

	private static Set<String> services(ServerReflectionResponse response) {
		if (!response.hasListServicesResponse()) {
			throw unexpected(response.getErrorResponse().getErrorMessage());
		}
		Set<String> names = new TreeSet<>();
		for (ServiceResponse service : response.getListServicesResponse().getServiceList()) {
			add(names, service.getName());
		}
		return names;
	}

	// v1alpha is deprecated, but many components offer no other version.
	@SuppressWarnings("deprecation")
	private static CompletableFuture<Set<String>> listV1Alpha(Channel channel) {
		return ask(channel, io.grpc.reflection.v1alpha.ServerReflectionGrpc.getServerReflectionInfoMethod(),
				io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder().setListServices("").build(),
				(response) -> {
					if (!response.hasListServicesResponse()) {
						throw unexpected(response.getErrorResponse().getErrorMessage());
					}
					Set<String> names = new TreeSet<>();
					response.getListServicesResponse()
						.getServiceList()
						.forEach((service) -> add(names, service.getName()));
					return names;
				});
	}

	/**
	 * Add a name unless it is malformed, because names appear in logs and pages. The size
	 * of a message limits the number of names.
	 */
	private static void add(Set<String> names, String name) {
		if (NAME.matcher(name).matches()) {
			names.add(name);
		}
	}

	private static StatusRuntimeException unexpected(String message) {
		return Status.INTERNAL.withDescription("Reflection did not list the services: " + message).asRuntimeException();
	}

	/**
	 * Ask one question on the reflection stream and end the stream.
	 */
	private static <Q, R> CompletableFuture<Set<String>> ask(Channel channel, MethodDescriptor<Q, R> method, Q question,
			Function<R, Set<String>> answer) {
		CompletableFuture<Set<String>> future = new CompletableFuture<>();
		ClientCall<Q, R> call = channel.newCall(method, CallOptions.DEFAULT);
		call.start(new ClientCall.Listener<R>() {

			@Override
			public void onMessage(R message) {
				try {
					future.complete(answer.apply(message));
				}
				catch (RuntimeException ex) {
					future.completeExceptionally(ex);
				}
			}

			@Override
			public void onClose(Status status, Metadata trailers) {
				Status failure = status.isOk() ? Status.INTERNAL.withDescription("Reflection gave no answer") : status;
				future.completeExceptionally(failure.asRuntimeException(trailers));
			}

		}, new Metadata());
		call.request(1);
		call.sendMessage(question);
		call.halfClose();
		future.whenComplete((services, failure) -> call.request(1));
		return future;
	}

}
