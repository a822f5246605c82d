package dev.pluggable.plugin;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;

/**
 * Services whose messages are texts, so that tests need no contract of their own.
 */
final class Texts {

	private static final MethodDescriptor.Marshaller<String> MARSHALLER = new MethodDescriptor.Marshaller<>() {

		@Override
		public InputStream stream(String value) {
			return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
		}

		@Override
		public String parse(InputStream stream) {
			try {
				return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	};

	private Texts() {
	}

	static MethodDescriptor<String, String> method(String service, String name, MethodType type) {
		return MethodDescriptor.newBuilder(MARSHALLER, MARSHALLER)
			.setType(type)
			.setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
			.build();
	}

	static MethodDescriptor<String, String> unary(String service, String name) {
		return method(service, name, MethodType.UNARY);
	}

	/**
	 * A service with one unary method.
	 */
	static ServerServiceDefinition service(String service, String name, UnaryOperator<String> answer) {
		return builder(service, name, answer).build();
	}

	/**
	 * A service that begins with one unary method.
	 */
	static ServerServiceDefinition.Builder builder(String service, String name, UnaryOperator<String> answer) {
		return add(ServerServiceDefinition.builder(service), service, name, answer);
	}

	static ServerServiceDefinition.Builder add(ServerServiceDefinition.Builder builder, String service, String name,
			UnaryOperator<String> answer) {
		return builder.addMethod(unary(service, name), ServerCalls.asyncUnaryCall((request, responses) -> {
			String response;
			try {
				response = answer.apply(request);
			}
			catch (StatusRuntimeException ex) {
				responses.onError(ex);
				return;
			}
			responses.onNext(response);
			responses.onCompleted();
		}));
	}

	static String call(Channel channel, String service, String name, String request) {
		return ClientCalls.blockingUnaryCall(channel, unary(service, name),
				CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), request);
	}

}
