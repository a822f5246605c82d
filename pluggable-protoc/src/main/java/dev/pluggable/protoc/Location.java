package dev.pluggable.protoc;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A place in a {@code .proto} or an overlay.
 *
 * @param file name of the file
 * @param line line, counted from 1, or 0 if it is not known
 * @param column column, counted from 1
 */
record Location(String file, int line, int column) {

	/**
	 * The place where something is declared.
	 */
	static Location of(GenericDescriptor descriptor) {
		SourceCodeInfo.Location found = find(descriptor);
		String file = descriptor.getFile().getName();
		return (found == null) ? new Location(file, 0, 0)
				: new Location(file, found.getSpan(0) + 1, found.getSpan(1) + 1);
	}

	/**
	 * The comment at something that is declared in a {@code .proto}.
	 * @return the comment, empty if there is none
	 */
	static String comment(GenericDescriptor descriptor) {
		SourceCodeInfo.Location found = find(descriptor);
		if (found == null) {
			return "";
		}
		return found.hasLeadingComments() ? found.getLeadingComments() : found.getTrailingComments();
	}

	private static SourceCodeInfo.@Nullable Location find(GenericDescriptor descriptor) {
		List<Integer> path = path(descriptor);
		for (SourceCodeInfo.Location candidate : descriptor.getFile().toProto().getSourceCodeInfo().getLocationList()) {
			if (candidate.getPathList().equals(path)) {
				return candidate;
			}
		}
		return null;
	}

	private static List<Integer> path(GenericDescriptor descriptor) {
		List<Integer> path = new ArrayList<>();
		GenericDescriptor current = descriptor;
		while (!(current instanceof FileDescriptor)) {
			if (current instanceof MethodDescriptor method) {
				add(path, ServiceDescriptorProto.METHOD_FIELD_NUMBER, method.getIndex());
				current = method.getService();
			}
			else if (current instanceof ServiceDescriptor service) {
				add(path, FileDescriptorProto.SERVICE_FIELD_NUMBER, service.getIndex());
				current = service.getFile();
			}
			else if (current instanceof FieldDescriptor field && field.isExtension()) {
				Descriptor scope = field.getExtensionScope();
				add(path, (scope != null) ? DescriptorProto.EXTENSION_FIELD_NUMBER
						: FileDescriptorProto.EXTENSION_FIELD_NUMBER, field.getIndex());
				current = (scope != null) ? scope : field.getFile();
			}
			else if (current instanceof FieldDescriptor field) {
				add(path, DescriptorProto.FIELD_FIELD_NUMBER, field.getIndex());
				current = field.getContainingType();
			}
			else if (current instanceof Descriptor message) {
				Descriptor outer = message.getContainingType();
				add(path, (outer != null) ? DescriptorProto.NESTED_TYPE_FIELD_NUMBER
						: FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, message.getIndex());
				current = (outer != null) ? outer : message.getFile();
			}
			else {
				throw new IllegalArgumentException("'" + current.getFullName() + "' has no known path");
			}
		}
		Collections.reverse(path);
		return path;
	}

	/**
	 * Add a step. The path is built from its end.
	 */
	private static void add(List<Integer> path, int number, int index) {
		path.add(index);
		path.add(number);
	}

	@Override
	public String toString() {
		return (this.line == 0) ? this.file : this.file + ":" + this.line + ":" + this.column;
	}

}
