package dev.pluggable.protoc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.GeneratorNames;

/**
 * The name of a Java type.
 *
 * @param packageName its package, empty for the unnamed one
 * @param name its name within the package, such as {@code Outer.Nested}
 */
record JavaType(String packageName, String name) {

	/**
	 * A type outside the generated code.
	 */
	static JavaType of(String qualified) {
		int dot = qualified.lastIndexOf('.');
		return new JavaType(qualified.substring(0, dot), qualified.substring(dot + 1));
	}

	/**
	 * The class of a message.
	 */
	static JavaType of(Descriptor message) {
		String packageName = packageOf(message.getFile());
		String qualified = GeneratorNames.getQualifiedClassName(message);
		return new JavaType(packageName,
				packageName.isEmpty() ? qualified : qualified.substring(packageName.length() + 1));
	}

	/**
	 * The class that gRPC generates for a service.
	 */
	static JavaType grpc(ServiceDescriptor service) {
		return new JavaType(packageOf(service.getFile()), service.getName() + "Grpc");
	}

	static String packageOf(FileDescriptor file) {
		return GeneratorNames.getFileJavaPackage(file);
	}

	/**
	 * The name of the type that is not nested.
	 */
	String topLevel() {
		int dot = this.name.indexOf('.');
		return (dot < 0) ? this.name : this.name.substring(0, dot);
	}

	String qualified() {
		return this.packageName.isEmpty() ? this.name : this.packageName + "." + this.name;
	}

}
