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
 * Lists and describes the services of a server by gRPC reflection. Older servers offer
 * only {@code grpc.reflection.v1alpha}, so this class asks by that version if the server
 * does not implement {@code grpc.reflection.v1}.
 */
public final class ServiceReflection {

	private static final MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> V1 = ServerReflectionGrpc
		.getServerReflectionInfoMethod();

	/**
	 * The messages of both versions are the same on the wire.
	 */
	private static final MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> V1_ALPHA = V1.toBuilder()
		.setFullMethodName(MethodDescriptor.generateFullMethodName("grpc.reflection.v1alpha.ServerReflection",
				V1.getBareMethodName()))
		.build();

	private static final Pattern NAME = Pattern.compile("[\\w.]{1,200}");

	/**
	 * Whether the last server that answered implements only the older version.
	 */
	private volatile boolean alphaFirst;

	private final DescriptorLinker linker = new DescriptorLinker();

	/**
	 * List the services of a server. This method does not block.
	 * @param channel channel to the server; a deadline of the channel limits each of the
	 * two attempts
	 * @return completes with the full names of the services, or fails with a
	 * {@link StatusRuntimeException}: {@code UNIMPLEMENTED} if the server offers neither
	 * version
	 */
	public CompletionStage<Set<String>> listServices(Channel channel) {
		return ask((method) -> list(channel, method));
	}

	/**
	 * Read the descriptors of services. This method does not block.
	 * @param channel channel to the server; a deadline of the channel limits each of the
	 * two attempts, and its executor runs the work of linking the descriptors
	 * @param services full names of services
	 * @return completes with the descriptors, or fails with a
	 * {@link StatusRuntimeException} if the server does not answer
	 */
	public CompletionStage<ReflectedServices> describe(Channel channel, Set<String> services) {
		return ask((method) -> new DescriptorReader(services).read(channel, method)).thenApply(this.linker::link);
	}

	/**
	 * Ask by the version that the last server understood, and then by the other one.
	 */
	private <T> CompletableFuture<T> ask(
			Function<MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse>, CompletableFuture<T>> question) {
		boolean alpha = this.alphaFirst;
		return ask(question, alpha).handle((answer, failure) -> {
			if (failure == null) {
				return CompletableFuture.completedFuture(answer);
			}
			return isUnimplemented(failure) ? ask(question, !alpha) : CompletableFuture.<T>failedFuture(failure);
		}).thenCompose(Function.identity());
	}

	private <T> CompletableFuture<T> ask(
			Function<MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse>, CompletableFuture<T>> question,
			boolean alpha) {
		return question.apply(alpha ? V1_ALPHA : V1).whenComplete((answer, failure) -> {
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
	private static CompletableFuture<Set<String>> list(Channel channel,
			MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> method) {
		CompletableFuture<Set<String>> future = new CompletableFuture<>();
		ClientCall<ServerReflectionRequest, ServerReflectionResponse> call = channel.newCall(method,
				CallOptions.DEFAULT);
		call.start(new ClientCall.Listener<ServerReflectionResponse>() {

			@Override
			public void onMessage(ServerReflectionResponse message) {
				try {
					future.complete(services(message));
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
		call.sendMessage(ServerReflectionRequest.newBuilder().setListServices("").build());
		call.halfClose();
		future.whenComplete((services, failure) -> call.request(1));
		return future;
	}

}
