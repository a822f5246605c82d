package dev.pluggable.internal.reflection;

import java.util.List;
import java.util.Map;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.TypeRegistry;
import org.jspecify.annotations.Nullable;

/**
 * The services of one process as its server describes them. Safe for use by many threads.
 */
public final class ReflectedServices {

	private final Map<String, ServiceDescriptor> services;

	private final Map<String, String> problems;

	private final List<FileDescriptor> files;

	private volatile @Nullable TypeRegistry types;

	ReflectedServices(Map<String, ServiceDescriptor> services, Map<String, String> problems,
			List<FileDescriptor> files) {
		this.services = Map.copyOf(services);
		this.problems = Map.copyOf(problems);
		this.files = List.copyOf(files);
	}

	/**
	 * Return the description of a service.
	 * @param name full name of the service
	 * @return the description, {@code null} if the service is not described
	 */
	public @Nullable ServiceDescriptor service(String name) {
		return this.services.get(name);
	}

	/**
	 * Return why a service is not described.
	 * @param name full name of the service
	 * @return the reason in one line, {@code null} if the service is described or was not
	 * asked for
	 */
	public @Nullable String problem(String name) {
		return this.problems.get(name);
	}

	/**
	 * Return the types of all files, for {@link com.google.protobuf.Any}.
	 * @return the types by their full names
	 */
	public TypeRegistry types() {
		TypeRegistry types = this.types;
		if (types == null) {
			TypeRegistry.Builder builder = TypeRegistry.newBuilder();
			this.files.forEach((file) -> builder.add(file.getMessageTypes()));
			types = builder.build();
			this.types = types;
		}
		return types;
	}

}
