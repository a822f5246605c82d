package dev.pluggable.protoc;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.pluggable.proto.contract.v1.ContractProto.Role;
import org.jspecify.annotations.Nullable;

/**
 * A contract: one Java interface with its kind, its proxy and its service side. It
 * belongs to a service, or to several services on one connection.
 */
final class ContractModel {

	private final String fullName;

	private final FileDescriptor file;

	private final @Nullable ServiceDescriptor service;

	private final JavaType type;

	private final String kind;

	private final List<ContractModel> parts = new ArrayList<>();

	private final List<MethodModel> methods = new ArrayList<>();

	ContractModel(String fullName, FileDescriptor file, @Nullable ServiceDescriptor service, JavaType type,
			String kind) {
		this.fullName = fullName;
		this.file = file;
		this.service = service;
		this.type = type;
		this.kind = kind;
	}

	/**
	 * The full name of the service or the object.
	 */
	String fullName() {
		return this.fullName;
	}

	/**
	 * The file with which the contract is generated.
	 */
	FileDescriptor file() {
		return this.file;
	}

	/**
	 * The service of which the contract has the methods by itself.
	 */
	@Nullable ServiceDescriptor service() {
		return this.service;
	}

	JavaType type() {
		return this.type;
	}

	JavaType type(String suffix) {
		return new JavaType(this.type.packageName(), this.type.name() + suffix);
	}

	/**
	 * The name of the kind.
	 */
	String kind() {
		return this.kind;
	}

	/**
	 * The contracts that the interface extends.
	 */
	List<ContractModel> parts() {
		return this.parts;
	}

	/**
	 * The methods of the interface itself.
	 */
	List<MethodModel> methods() {
		return this.methods;
	}

	/**
	 * All services on the connection, the own one first.
	 */
	Set<ContractModel> services() {
		Set<ContractModel> services = new LinkedHashSet<>();
		if (this.service != null) {
			services.add(this);
		}
		for (ContractModel part : this.parts) {
			services.addAll(part.services());
		}
		return services;
	}

	/**
	 * The methods of all services.
	 */
	List<MethodModel> allMethods() {
		return services().stream().flatMap((contract) -> contract.methods().stream()).toList();
	}

	/**
	 * The method with a role.
	 */
	@Nullable MethodModel method(Role role) {
		return allMethods().stream().filter((method) -> method.role() == role).findFirst().orElse(null);
	}

	@Override
	public String toString() {
		return this.fullName;
	}

}
