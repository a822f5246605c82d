package dev.pluggable.protoc;

import java.util.Locale;
import java.util.Set;

import javax.lang.model.SourceVersion;

/**
 * Turns names of a {@code .proto} into names of Java.
 */
final class Names {

	/**
	 * Methods of each generated interface, or of {@link Object}.
	 */
	private static final Set<String> TAKEN_METHODS = Set.of("async", "hostService", "client", "close", "getClass",
			"hashCode", "equals", "clone", "toString", "notify", "notifyAll", "wait", "finalize");

	/**
	 * Variables and methods of the generated code, methods of {@link Object}, which no
	 * component of a record can have, and the first parts of packages.
	 */
	private static final Set<String> TAKEN_PARAMETERS = Set.of("request", "requests", "answer", "answers", "builder",
			"references", "caller", "created", "contract", "reply", "close", "getClass", "hashCode", "equals", "clone",
			"toString", "notify", "notifyAll", "wait", "finalize", "com", "dev", "io", "java", "org");

	/**
	 * Fields whose accessors protoc renames, since each message has methods of the name.
	 */
	private static final Set<String> TAKEN_FIELDS = Set.of("Class", "AllFields", "CachedSize", "DefaultInstanceForType",
			"DescriptorForType", "InitializationErrorString", "ParserForType", "SerializedSize", "UnknownFields");

	private Names() {
	}

	/**
	 * The name of the method in the generated interface.
	 */
	static String method(String protoName) {
		String name = mixedLower(protoName);
		return (TAKEN_METHODS.contains(name) || SourceVersion.isKeyword(name)) ? name + "_" : name;
	}

	/**
	 * The name of the method of gRPC's class that gives the descriptor of a method.
	 */
	static String descriptorGetter(String protoName) {
		return mixedLower("get_" + protoName + "_method");
	}

	static String parameter(String name) {
		return (TAKEN_PARAMETERS.contains(name) || SourceVersion.isKeyword(name)) ? name + "_" : name;
	}

	/**
	 * The part of a message's accessors that belongs to a field: {@code FooBar} for
	 * {@code foo_bar}.
	 */
	static String accessor(String field) {
		StringBuilder name = new StringBuilder();
		boolean upper = true;
		for (char c : field.toCharArray()) {
			boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
			if (letter) {
				name.append(upper ? Character.toUpperCase(c) : c);
			}
			else if (c >= '0' && c <= '9') {
				name.append(c);
			}
			upper = !letter;
		}
		return TAKEN_FIELDS.contains(name.toString()) ? name + "_" : name.toString();
	}

	/**
	 * The name without what says that the field holds a number.
	 */
	static String withoutId(String field) {
		return field.replaceFirst("(?<=.)(_id|_ids|Id|Ids|_ID|ID|IDs)$", "");
	}

	static String lowerCamel(String field) {
		String name = accessor(field).replaceFirst("_$", "");
		return name.isEmpty() ? name : name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
	}

	static String upper(String name) {
		return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
	}

	/**
	 * The name of a kind: {@code http-proxy} for {@code HTTPProxy}.
	 */
	static String kind(String service) {
		return service.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
			.replaceAll("([A-Z])([A-Z][a-z])", "$1-$2")
			.replace('_', '-')
			.toLowerCase(Locale.ROOT);
	}

	private static String mixedLower(String name) {
		StringBuilder result = new StringBuilder();
		boolean afterUnderscore = false;
		for (char c : name.toCharArray()) {
			if (c == '_') {
				afterUnderscore = true;
			}
			else {
				result.append(
						result.isEmpty() ? Character.toLowerCase(c) : afterUnderscore ? Character.toUpperCase(c) : c);
				afterUnderscore = false;
			}
		}
		return result.toString();
	}

}
