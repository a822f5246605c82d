package org.example;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DoubleValue;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.StructProto;
import com.google.protobuf.WrappersProto;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import io.grpc.protobuf.ProtoUtils;

/**
 * The contract. Generated code would offer the same; this test has no build step for it.
 */
final class ThermometerContract {

	static final String SERVICE = "org.example.Thermometer";

	static final MethodDescriptor<Struct, StringValue> INIT = method("Init", MethodDescriptor.MethodType.UNARY,
			Struct.getDefaultInstance(), StringValue.getDefaultInstance());

	static final MethodDescriptor<StringValue, DoubleValue> READ = method("Read", MethodDescriptor.MethodType.UNARY,
			StringValue.getDefaultInstance(), DoubleValue.getDefaultInstance());

	/**
	 * The component sends alarms, an id and a text in a list; we answer with the id.
	 */
	static final MethodDescriptor<StringValue, Struct> ALARMS = method("Alarms",
			MethodDescriptor.MethodType.BIDI_STREAMING, StringValue.getDefaultInstance(), Struct.getDefaultInstance());

	static final ServiceDescriptor DESCRIPTOR = ServiceDescriptor.newBuilder(SERVICE)
		.setSchemaDescriptor((ProtoFileDescriptorSupplier) ThermometerContract::file)
		.addMethod(INIT)
		.addMethod(READ)
		.addMethod(ALARMS)
		.build();

	private ThermometerContract() {
	}

	private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(String name,
			MethodDescriptor.MethodType type, Q request, R response) {
		return MethodDescriptor.<Q, R>newBuilder(ProtoUtils.marshaller(request), ProtoUtils.marshaller(response))
			.setType(type)
			.setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
			.build();
	}

	private static FileDescriptor file() {
		ServiceDescriptorProto service = ServiceDescriptorProto.newBuilder()
			.setName("Thermometer")
			.addMethod(method("Init", "Struct", "StringValue"))
			.addMethod(method("Read", "StringValue", "DoubleValue"))
			.addMethod(method("Alarms", "StringValue", "Struct").setClientStreaming(true).setServerStreaming(true))
			.build();
		try {
			return FileDescriptor.buildFrom(FileDescriptorProto.newBuilder()
				.setName("org/example/thermometer.proto")
				.setPackage("org.example")
				.setSyntax("proto3")
				.addDependency("google/protobuf/wrappers.proto")
				.addDependency("google/protobuf/struct.proto")
				.addService(service)
				.build(), new FileDescriptor[] { WrappersProto.getDescriptor(), StructProto.getDescriptor() });
		}
		catch (DescriptorValidationException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static MethodDescriptorProto.Builder method(String name, String request, String response) {
		return MethodDescriptorProto.newBuilder()
			.setName(name)
			.setInputType(".google.protobuf." + request)
			.setOutputType(".google.protobuf." + response);
	}

}
