package dev.pluggable.internal.reflection;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Compares a compiled contract with the one that a server describes. What the server has
 * and the application does not have is no difference, and neither are other names of
 * types, fields that were renamed, and values of enums.
 */
public final class ContractComparison {

	/**
	 * More differences mean another contract, which few of them prove.
	 */
	private static final int MAX = 10;

	private final List<String> differences = new ArrayList<>();

	/**
	 * The pairs of messages that were compared, because messages refer to each other.
	 */
	private final Set<String> compared = new HashSet<>();

	/**
	 * The pairs of messages that are still to be compared. A server decides how deep its
	 * messages are, so the comparison is not recursive.
	 */
	private final Deque<Runnable> pending = new ArrayDeque<>();

	private ContractComparison() {
	}

	/**
	 * Compare a service.
	 * @param compiled a service of a generated class, with the methods that are needed;
	 * without protobuf's descriptors there are no differences
	 * @param services the services of the server
	 * @return what is missing or different, each in one line; empty if the server does
	 * not describe the service
	 */
	public static List<String> differences(io.grpc.ServiceDescriptor compiled, ReflectedServices services) {
		ServiceDescriptor reflected = services.service(compiled.getName());
		if (reflected == null || !(compiled.getSchemaDescriptor() instanceof ProtoServiceDescriptorSupplier supplier)) {
			return List.of();
		}
		ContractComparison comparison = new ContractComparison();
		comparison.compare(compiled, supplier.getServiceDescriptor(), reflected);
		List<String> differences = comparison.differences;
		int more = differences.size() - MAX;
		if (more <= 0) {
			return differences;
		}
		List<String> first = new ArrayList<>(differences.subList(0, MAX));
		first.add(more + " more differences of " + compiled.getName());
		return first;
	}

	private void compare(io.grpc.ServiceDescriptor wanted, ServiceDescriptor compiled, ServiceDescriptor reflected) {
		for (io.grpc.MethodDescriptor<?, ?> needed : wanted.getMethods()) {
			MethodDescriptor method = compiled.findMethodByName(String.valueOf(needed.getBareMethodName()));
			if (method == null) {
				continue;
			}
			MethodDescriptor other = reflected.findMethodByName(method.getName());
			String name = "method " + compiled.getName() + "." + method.getName();
			if (other == null) {
				this.differences.add(name + " is missing in the component");
				continue;
			}
			if (!type(method).equals(type(other))) {
				different(name, type(other), type(method));
			}
			compareLater(method.getInputType(), other.getInputType());
			compareLater(method.getOutputType(), other.getOutputType());
		}
		for (Runnable next = this.pending.poll(); next != null; next = this.pending.poll()) {
			next.run();
		}
	}

	private void compareLater(Descriptor compiled, Descriptor reflected) {
		if (compiled != reflected && this.compared.add(compiled.getFullName() + " " + reflected.getFullName())) {
			this.pending.add(() -> compare(compiled, reflected));
		}
	}

	private void compare(Descriptor compiled, Descriptor reflected) {
		for (FieldDescriptor field : compiled.getFields()) {
			String name = "field " + nameOf(compiled) + "." + field.getName();
			FieldDescriptor other = reflected.findFieldByNumber(field.getNumber());
			FieldDescriptor named = reflected.findFieldByName(field.getName());
			if (named != null && named != other) {
				different(name, "number " + named.getNumber(), "number " + field.getNumber());
			}
			else if (other == null) {
				this.differences.add(name + " is missing in the component");
			}
			else if (!type(field).equals(type(other))) {
				different(name, type(other), type(field));
			}
			else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
				compareLater(field.getMessageType(), other.getMessageType());
			}
		}
	}

	private void different(String what, String there, String here) {
		this.differences.add(what + " is " + there + " in the component, and " + here + " in the application");
	}

	private static String type(MethodDescriptor method) {
		if (method.isClientStreaming()) {
			return method.isServerStreaming() ? "a method with streams in both directions"
					: "a method with a stream of requests";
		}
		return method.isServerStreaming() ? "a method with a stream of responses" : "a unary method";
	}

	private static String type(FieldDescriptor field) {
		String type = field.getType().name().toLowerCase(Locale.ROOT);
		if (field.isMapField()) {
			return "a map";
		}
		return field.isRepeated() ? "repeated " + type : field.isRequired() ? "required " + type : type;
	}

	private static String nameOf(Descriptor message) {
		@Nullable Descriptor outer = message.getContainingType();
		return (outer != null) ? nameOf(outer) + "." + message.getName() : message.getName();
	}

}
