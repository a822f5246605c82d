package dev.pluggable.protoc;

import java.util.List;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Empty;
import dev.pluggable.proto.contract.v1.ContractProto.Role;

/**
 * A method of a contract.
 *
 * @param descriptor the method in the {@code .proto}
 * @param name its name in Java
 * @param role what the method is for
 * @param given the objects in the request
 * @param created the objects in the response
 */
record MethodModel(MethodDescriptor descriptor, String name, Role role, List<ReferenceModel> given,
		List<ReferenceModel> created) {

	Descriptor request() {
		return this.descriptor.getInputType();
	}

	Descriptor response() {
		return this.descriptor.getOutputType();
	}

	/**
	 * Whether the request is a parameter. It is none if it cannot hold anything but the
	 * objects.
	 */
	boolean hasRequest() {
		return !isEmpty(request()) && (this.given.isEmpty() || this.given.size() < request().getFields().size()
				|| this.given.stream().anyMatch((reference) -> reference.path().size() > 1));
	}

	/**
	 * Whether the method returns something.
	 */
	boolean hasResponse() {
		return !isEmpty(response());
	}

	private static boolean isEmpty(Descriptor message) {
		return message.getFullName().equals(Empty.getDescriptor().getFullName());
	}

	boolean isUnary() {
		return !this.descriptor.isClientStreaming() && !this.descriptor.isServerStreaming();
	}

	boolean isServerStream() {
		return !this.descriptor.isClientStreaming() && this.descriptor.isServerStreaming();
	}

	/**
	 * Whether the response is an object and nothing else.
	 */
	boolean isCreatesOne() {
		return this.created.size() == 1 && response().getFields().size() == 1 && this.created.get(0).path().size() == 1;
	}

	/**
	 * Whether each creation may need another request.
	 */
	boolean isRequestSupplied() {
		return isCalledByApplication() && !this.created.isEmpty() && hasRequest();
	}

	/**
	 * Whether the method is one of the interface. The host makes the other calls.
	 */
	boolean isCalledByApplication() {
		return this.role == Role.NONE || this.role == Role.HEALTH;
	}

	/**
	 * The name of the nested class for several created objects, or for one and more.
	 */
	String createdType() {
		return nestedType("Objects");
	}

	/**
	 * The name of the nested record for what the method is called with.
	 */
	String callType() {
		return nestedType("Call");
	}

	private String nestedType(String suffix) {
		return Names.upper(this.name).replaceFirst("_$", "") + suffix;
	}

}
