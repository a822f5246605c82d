package dev.pluggable.internal.reflection;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.google.protobuf.AnyProto;
import com.google.protobuf.ApiProto;
import com.google.protobuf.DescriptorProtos;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DurationProto;
import com.google.protobuf.EmptyProto;
import com.google.protobuf.FieldMaskProto;
import com.google.protobuf.SourceContextProto;
import com.google.protobuf.StructProto;
import com.google.protobuf.TimestampProto;
import com.google.protobuf.TypeProto;
import com.google.protobuf.WrappersProto;
import org.jspecify.annotations.Nullable;

/**
 * The files that come with Protocol Buffers. JSON has forms of its own for their types,
 * so those of the library are used, and not those of a server.
 */
final class WellKnownFiles {

	private static final Map<String, FileDescriptor> FILES = new HashMap<>();

	private static final Map<String, String> TYPES = new HashMap<>();

	static {
		for (FileDescriptor file : List.of(AnyProto.getDescriptor(), ApiProto.getDescriptor(),
				DescriptorProtos.getDescriptor(), DurationProto.getDescriptor(), EmptyProto.getDescriptor(),
				FieldMaskProto.getDescriptor(), SourceContextProto.getDescriptor(), StructProto.getDescriptor(),
				TimestampProto.getDescriptor(), TypeProto.getDescriptor(), WrappersProto.getDescriptor())) {
			FILES.put(file.getName(), file);
			file.getMessageTypes().forEach((type) -> add(type, file.getName()));
			file.getEnumTypes().forEach((type) -> TYPES.put(type.getFullName(), file.getName()));
		}
	}

	private WellKnownFiles() {
	}

	private static void add(Descriptor type, String file) {
		TYPES.put(type.getFullName(), file);
		type.getNestedTypes().forEach((nested) -> add(nested, file));
		type.getEnumTypes().forEach((nested) -> TYPES.put(nested.getFullName(), file));
	}

	static boolean isFile(String name) {
		return FILES.containsKey(name);
	}

	/**
	 * Return the files by their names.
	 */
	static Map<String, FileDescriptor> all() {
		return FILES;
	}

	/**
	 * Return the name of the file that defines a type.
	 * @param type full name of a type
	 * @return the name, {@code null} if no file does
	 */
	static @Nullable String fileOf(String type) {
		return TYPES.get(type);
	}

}
