package dev.pluggable.grpc;

import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;

/**
 * Finds the comments on the elements of a {@code .proto}, which a descriptor holds by the
 * numbers of the fields that lead to an element.
 */
final class Documentation {

	private Documentation() {
	}

	/**
	 * Return the comment on an element.
	 * @return the comment, empty if there is none
	 */
	static String of(GenericDescriptor element) {
		List<Integer> path = path(element);
		for (SourceCodeInfo.Location location : element.getFile().toProto().getSourceCodeInfo().getLocationList()) {
			if (!path.isEmpty() && location.getPathList().equals(path)) {
				String comment = location.getLeadingComments().isEmpty() ? location.getTrailingComments()
						: location.getLeadingComments();
				return comment.strip();
			}
		}
		return "";
	}

	private static List<Integer> path(GenericDescriptor element) {
		if (element instanceof ServiceDescriptor service) {
			return List.of(FileDescriptorProto.SERVICE_FIELD_NUMBER, service.getIndex());
		}
		if (element instanceof MethodDescriptor method) {
			return below(method.getService(), ServiceDescriptorProto.METHOD_FIELD_NUMBER, method.getIndex());
		}
		if (element instanceof Descriptor message) {
			Descriptor outer = message.getContainingType();
			return (outer != null) ? below(outer, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, message.getIndex())
					: List.of(FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, message.getIndex());
		}
		if (element instanceof EnumDescriptor type) {
			Descriptor outer = type.getContainingType();
			return (outer != null) ? below(outer, DescriptorProto.ENUM_TYPE_FIELD_NUMBER, type.getIndex())
					: List.of(FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, type.getIndex());
		}
		if (element instanceof FieldDescriptor field && !field.isExtension()) {
			return below(field.getContainingType(), DescriptorProto.FIELD_FIELD_NUMBER, field.getIndex());
		}
		if (element instanceof EnumValueDescriptor value) {
			return below(value.getType(), EnumDescriptorProto.VALUE_FIELD_NUMBER, value.getIndex());
		}
		return List.of();
	}

	private static List<Integer> below(GenericDescriptor parent, int field, int index) {
		List<Integer> path = new ArrayList<>(path(parent));
		path.add(field);
		path.add(index);
		return path;
	}

}
