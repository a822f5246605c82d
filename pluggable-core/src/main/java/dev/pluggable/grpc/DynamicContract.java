package dev.pluggable.grpc;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import dev.pluggable.ComponentClient;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.internal.reflection.ReflectedServices;
import dev.pluggable.internal.support.LogText;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;

/**
 * The methods of a service as one process describes them. Immutable.
 */
final class DynamicContract {

	private static final int MAX_TEXT = 200;

	private static final int MAX_METHODS = 1000;

	private final ComponentClient client;

	/**
	 * The reading from which this contract comes.
	 */
	private final Object source;

	private final ServiceDescriptor service;

	private final Map<String, MethodDescriptor<Object, String>> json = new HashMap<>();

	private final Map<String, MethodDescriptor<Object, DynamicMessage>> messages = new HashMap<>();

	private final ReflectedServices services;

	DynamicContract(ComponentClient client, Object source, ServiceDescriptor service, ReflectedServices services) {
		this.client = client;
		this.source = source;
		this.service = service;
		this.services = services;
		for (com.google.protobuf.Descriptors.MethodDescriptor method : service.getMethods()) {
			String name = method.getName();
			MethodDescriptor.Marshaller<DynamicMessage> answers = ProtoUtils
				.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType()));
			RequestMarshaller requests = new RequestMarshaller(name, method.getInputType());
			this.messages.put(name, descriptor(method, requests, answers));
			this.json.put(name, descriptor(method, requests, new JsonMarshaller(answers)));
		}
	}

	private static <R> MethodDescriptor<Object, R> descriptor(com.google.protobuf.Descriptors.MethodDescriptor method,
			MethodDescriptor.Marshaller<Object> requests, MethodDescriptor.Marshaller<R> responses) {
		IdempotencyLevel repeatable = method.getOptions().getIdempotencyLevel();
		return MethodDescriptor.<Object, R>newBuilder()
			.setType(type(method))
			.setFullMethodName(
					MethodDescriptor.generateFullMethodName(method.getService().getFullName(), method.getName()))
			.setRequestMarshaller(requests)
			.setResponseMarshaller(responses)
			.setSafe(repeatable == IdempotencyLevel.NO_SIDE_EFFECTS)
			.setIdempotent(repeatable == IdempotencyLevel.IDEMPOTENT)
			.build();
	}

	private static MethodDescriptor.MethodType type(com.google.protobuf.Descriptors.MethodDescriptor method) {
		if (method.isClientStreaming()) {
			return method.isServerStreaming() ? MethodDescriptor.MethodType.BIDI_STREAMING
					: MethodDescriptor.MethodType.CLIENT_STREAMING;
		}
		return method.isServerStreaming() ? MethodDescriptor.MethodType.SERVER_STREAMING
				: MethodDescriptor.MethodType.UNARY;
	}

	boolean isOf(Object source) {
		return this.source == source;
	}

	ServiceDescriptor service() {
		return this.service;
	}

	com.google.protobuf.Descriptors.MethodDescriptor method(String name) {
		com.google.protobuf.Descriptors.MethodDescriptor method = this.service.findMethodByName(name);
		if (method == null) {
			throw unknown(name);
		}
		return method;
	}

	MethodDescriptor<Object, String> json(String method) {
		MethodDescriptor<Object, String> descriptor = this.json.get(method);
		if (descriptor == null) {
			throw unknown(method);
		}
		return descriptor;
	}

	MethodDescriptor<Object, DynamicMessage> messages(String method) {
		MethodDescriptor<Object, DynamicMessage> descriptor = this.messages.get(method);
		if (descriptor == null) {
			throw unknown(method);
		}
		return descriptor;
	}

	private UnsupportedOperationByComponentException unknown(String method) {
		List<String> methods = this.service.getMethods()
			.stream()
			.map(com.google.protobuf.Descriptors.MethodDescriptor::getName)
			.toList();
		return new UnsupportedOperationByComponentException(this.client.component(), this.client.kind(), method,
				"the service " + this.service.getFullName() + " has no such method; its methods are "
						+ LogText.oneLine(this.client.withoutSecrets(methods.toString()), MAX_METHODS));
	}

	private TypeRegistry types() {
		return this.services.types();
	}

	/**
	 * Turn a request into a message of its method.
	 * @param request a message, or JSON
	 * @return the message
	 * @throws InvalidRequestException if the request is not of the type of the method
	 */
	Message request(String method, Object request) {
		return request(method, method(method).getInputType(), request);
	}

	private Message request(String method, Descriptor type, Object request) {
		if (request instanceof Message message) {
			// An instance of a generated class has another descriptor of the same name.
			if (message.getDescriptorForType().getFullName().equals(type.getFullName())) {
				return message;
			}
			throw invalid(method, "the request is a " + message.getDescriptorForType().getFullName() + " and no "
					+ type.getFullName());
		}
		DynamicMessage.Builder builder = DynamicMessage.newBuilder(type);
		try {
			JsonFormat.parser().usingTypeRegistry(types()).merge(String.valueOf(request), builder);
		}
		catch (InvalidProtocolBufferException ex) {
			throw invalid(method, "the JSON is no " + type.getFullName() + ": "
					+ LogText.oneLine(String.valueOf(ex.getMessage()), MAX_TEXT));
		}
		return builder.build();
	}

	private InvalidRequestException invalid(String method, String reason) {
		return new InvalidRequestException(this.client.component(), this.client.kind(), method, reason);
	}

	/**
	 * Writes requests. Streams give their requests as they are, and single requests are
	 * messages already.
	 */
	private final class RequestMarshaller implements MethodDescriptor.Marshaller<Object> {

		private final String method;

		private final Descriptor type;

		private final MethodDescriptor.Marshaller<DynamicMessage> parser;

		RequestMarshaller(String method, Descriptor type) {
			this.method = method;
			this.type = type;
			this.parser = ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(type));
		}

		@Override
		public InputStream stream(Object value) {
			Message message = request(this.method, this.type, value);
			return (message instanceof DynamicMessage dynamic) ? this.parser.stream(dynamic)
					: new ByteArrayInputStream(message.toByteArray());
		}

		@Override
		public Object parse(InputStream stream) {
			return this.parser.parse(stream);
		}

	}

	/**
	 * Turns responses into JSON.
	 */
	private final class JsonMarshaller implements MethodDescriptor.Marshaller<String> {

		private final MethodDescriptor.Marshaller<DynamicMessage> messages;

		JsonMarshaller(MethodDescriptor.Marshaller<DynamicMessage> messages) {
			this.messages = messages;
		}

		@Override
		public InputStream stream(String value) {
			throw new UnsupportedOperationException();
		}

		@Override
		public String parse(InputStream stream) {
			try {
				return JsonFormat.printer()
					.usingTypeRegistry(types())
					.omittingInsignificantWhitespace()
					.print(this.messages.parse(stream));
			}
			catch (IOException ex) {
				throw Status.INTERNAL.withDescription("The response cannot be written as JSON: " + ex.getMessage())
					.asRuntimeException();
			}
		}

	}

}
