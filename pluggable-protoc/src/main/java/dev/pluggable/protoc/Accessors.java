package dev.pluggable.protoc;

import java.util.Locale;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;

/**
 * The names of the methods that protoc generates for a field.
 */
final class Accessors {

	private Accessors() {
	}

	/**
	 * What follows {@code get} in the name of a field's getter, such as {@code FooBar}
	 * for {@code foo_bar}.
	 */
	static String of(FieldDescriptor field) {
		String name = plain(field);
		// Fields whose methods would meet get their numbers.
		boolean meets = field.getContainingType()
			.getFields()
			.stream()
			.anyMatch((other) -> other != field
					&& (plain(other).equals(name) || meets(field, other) || meets(other, field)));
		return meets ? name + field.getNumber() : name;
	}

	private static String plain(FieldDescriptor field) {
		return Names.accessor(isGroup(field) ? field.getMessageType().getName() : field.getName());
	}

	private static boolean meets(FieldDescriptor repeated, FieldDescriptor other) {
		String name = plain(repeated);
		return repeated.isRepeated() && (plain(other).equals(name + "Count") || plain(other).equals(name + "List"));
	}

	/**
	 * Whether the field is a group of proto2, which is called after its type.
	 */
	private static boolean isGroup(FieldDescriptor field) {
		if (field.getType() != FieldDescriptor.Type.GROUP) {
			return false;
		}
		Descriptor type = field.getMessageType();
		return type.getContainingType() == field.getContainingType()
				&& type.getName().toLowerCase(Locale.ROOT).equals(field.getName());
	}

}
