package dev.pluggable.protoc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import javax.lang.model.SourceVersion;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.pluggable.proto.contract.v1.ContractProto.Contract;
import dev.pluggable.proto.contract.v1.ContractProto.Lifetime;
import dev.pluggable.proto.contract.v1.ContractProto.Reference;
import dev.pluggable.proto.contract.v1.ContractProto.Role;
import org.jspecify.annotations.Nullable;

/**
 * Makes the contracts of all services and objects of a run, and notes what is wrong.
 */
final class ModelBuilder {

	private final Collection<FileDescriptor> files;

	private final Options options;

	private final Faults faults;

	/**
	 * The names of the files with which contracts are generated. The others are only
	 * imported, and what is wrong in them is no matter of this run.
	 */
	private final Set<String> generated;

	/**
	 * The messages that contain a reference, or a message that does.
	 */
	private final Set<Descriptor> holders = new HashSet<>();

	/**
	 * The contracts by the full names of their services and objects.
	 */
	private final Map<String, ContractModel> contracts = new LinkedHashMap<>();

	ModelBuilder(Collection<FileDescriptor> files, Set<String> generated, Options options, Faults faults) {
		this.files = files;
		this.generated = generated;
		this.options = options;
		this.faults = faults;
	}

	/**
	 * Make the contracts that are generated.
	 */
	List<ContractModel> build() {
		Map<String, GenericDescriptor> declarations = declarations();
		this.options.verify(declarations, this.faults);
		findHolders(declarations.values());
		for (FileDescriptor file : this.files) {
			file.getServices().forEach(this::declare);
		}
		this.options.groups().forEach(this::declare);
		this.options.groups().forEach(this::join);
		List<ContractModel> services = this.contracts.values()
			.stream()
			.filter((contract) -> contract.service() != null)
			.toList();
		services.forEach(this::join);
		this.faults.check();
		List<ContractModel> wanted = this.contracts.values()
			.stream()
			.filter((contract) -> this.generated.contains(contract.file().getName()))
			.toList();
		wanted.stream().flatMap((contract) -> contract.services().stream()).distinct().forEach(this::addMethods);
		wanted.forEach(this::verify);
		return wanted;
	}

	/**
	 * What is wrong in a file, which nobody hears of if the file is only imported.
	 */
	private Faults faultsOf(@Nullable FileDescriptor file) {
		return (file == null || this.generated.contains(file.getName())) ? this.faults : new Faults();
	}

	private void findHolders(Collection<GenericDescriptor> declarations) {
		for (GenericDescriptor declaration : declarations) {
			if (declaration instanceof FieldDescriptor field && this.options.reference(field) != null) {
				if (field.isExtension()) {
					faultsOf(field.getFile()).add(this.options.location(field), "The extension '" + field.getFullName()
							+ "' cannot be a reference: only a field of the message itself can");
				}
				this.holders.add(field.getContainingType());
			}
		}
		boolean more = !this.holders.isEmpty();
		while (more) {
			more = false;
			for (GenericDescriptor declaration : declarations) {
				if (declaration instanceof FieldDescriptor field && !field.isExtension()
						&& field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
						&& this.holders.contains(field.getMessageType())) {
					more |= this.holders.add(field.getContainingType());
				}
			}
		}
	}

	/**
	 * Everything that an overlay can name.
	 */
	private Map<String, GenericDescriptor> declarations() {
		Map<String, GenericDescriptor> declarations = new HashMap<>();
		for (FileDescriptor file : this.files) {
			file.getMessageTypes().forEach((message) -> addDeclarations(message, declarations));
			file.getExtensions().forEach((field) -> declarations.put(field.getFullName(), field));
			for (ServiceDescriptor service : file.getServices()) {
				declarations.put(service.getFullName(), service);
				service.getMethods().forEach((method) -> declarations.put(method.getFullName(), method));
			}
		}
		return declarations;
	}

	private static void addDeclarations(Descriptor message, Map<String, GenericDescriptor> declarations) {
		declarations.put(message.getFullName(), message);
		message.getFields().forEach((field) -> declarations.put(field.getFullName(), field));
		message.getExtensions().forEach((field) -> declarations.put(field.getFullName(), field));
		message.getNestedTypes().forEach((nested) -> addDeclarations(nested, declarations));
	}

	private void declare(ServiceDescriptor service) {
		Contract option = this.options.contract(service);
		String name = option.getJavaName().isEmpty() ? service.getName() : option.getJavaName();
		String kind = option.getKind().isEmpty() ? Names.kind(service.getName()) : option.getKind();
		Location location = this.options.location(service);
		Faults faults = faultsOf(service.getFile());
		if (!isTypeName(name)) {
			faults.add(location, "'" + name + "' cannot be the name of a Java interface: "
					+ (option.getJavaName().isEmpty() ? "set" : "change") + " 'java_name' of the service's contract");
		}
		if (kind.isEmpty() || !kind.matches("[a-z0-9_-]+")) {
			faults.add(location, "'" + kind
					+ "' cannot be the name of a kind: use lower case letters, digits and hyphens in 'kind' of the service's contract");
		}
		this.contracts.put(service.getFullName(), new ContractModel(service.getFullName(), service.getFile(), service,
				new JavaType(JavaType.packageOf(service.getFile()), name), kind));
	}

	private void declare(Options.ObjectGroup group) {
		String name = group.type().getName();
		Location location = group.location();
		Faults faults = faultsOf(group.file());
		if (!isTypeName(name)) {
			faults.add(location,
					"'" + name + "' cannot be the name of a Java interface: change the name of the object");
			return;
		}
		if (group.type().getServicesCount() == 0) {
			faults.add(location, "The object '" + name + "' has no services: name at least one");
			return;
		}
		ContractModel first = find(group.type().getServices(0), group.protoPackage(), location,
				"a service of the object '" + name + "'", faults);
		if (first == null) {
			return;
		}
		FileDescriptor file = (group.file() != null) ? group.file() : first.file();
		ContractModel contract = new ContractModel(group.fullName(), file, null,
				new JavaType(JavaType.packageOf(file), name), Names.kind(name));
		if (this.contracts.putIfAbsent(group.fullName(), contract) != null) {
			faults.add(location,
					"There is a service or an object '" + group.fullName() + "' already: give the object another name");
		}
	}

	private static boolean isTypeName(String name) {
		return SourceVersion.isIdentifier(name) && !SourceVersion.isKeyword(name)
				&& !Set.of("var", "record", "sealed", "permits", "yield").contains(name);
	}

	/**
	 * Find a contract by the name in an option.
	 */
	private @Nullable ContractModel find(String name, String protoPackage, Location location, String what,
			Faults faults) {
		String qualified = (name.indexOf('.') >= 0 || protoPackage.isEmpty()) ? name : protoPackage + "." + name;
		ContractModel found = this.contracts.get(qualified);
		if (found == null) {
			found = this.contracts.get(name);
		}
		if (found == null) {
			faults.add(location, "There is no service or object '" + qualified + "', which is to be " + what
					+ ": give its full name, and import its file");
		}
		return found;
	}

	private void join(Options.ObjectGroup group) {
		ContractModel contract = this.contracts.get(group.fullName());
		if (contract != null && contract.service() == null && contract.parts().isEmpty()) {
			join(contract, group.type().getServicesList(), group.protoPackage(), group.location());
		}
	}

	private void join(ContractModel contract) {
		ServiceDescriptor service = contract.service();
		if (service != null) {
			join(contract, this.options.contract(service).getWithList(), service.getFile().getPackage(),
					this.options.location(service));
		}
	}

	private void join(ContractModel contract, List<String> services, String protoPackage, Location location) {
		Faults faults = faultsOf(contract.file());
		for (String name : services) {
			ContractModel part = find(name, protoPackage, location, "a service of '" + contract + "'", faults);
			if (part == null) {
				continue;
			}
			if (part.service() == null) {
				faults.add(location, "'" + part + "' is an object: name its services");
			}
			else if (part == contract || contract.parts().contains(part)) {
				faults.add(location, "'" + part + "' is twice a service of '" + contract + "': name it once");
			}
			else if (!this.options.contract(part.service()).getWithList().isEmpty()) {
				faults.add(location,
						"'" + part + "' has further services itself, and cannot be a part of '" + contract + "'");
			}
			else {
				contract.parts().add(part);
			}
		}
	}

	private void addMethods(ContractModel contract) {
		ServiceDescriptor service = contract.service();
		if (service == null) {
			return;
		}
		Map<String, MethodDescriptor> names = new HashMap<>();
		Map<String, MethodDescriptor> getters = new HashMap<>();
		for (MethodDescriptor method : service.getMethods()) {
			Location location = this.options.location(method);
			MethodDescriptor same = getters.putIfAbsent(Names.descriptorGetter(method.getName()), method);
			if (same != null) {
				this.faults.add(location, "The methods '" + same.getName() + "' and '" + method.getName()
						+ "' cannot be in one Java class, neither here nor in that of gRPC: rename one of them");
				continue;
			}
			if (this.options.javaMethod(method).isEmpty()
					&& !SourceVersion.isIdentifier(Names.method(method.getName()))) {
				this.faults.add(location,
						"'" + method.getName() + "' cannot be the name of a method in Java: set 'java_method'");
				continue;
			}
			String name = this.options.javaMethod(method);
			if (!name.isEmpty() && !name.equals(Names.method(name))) {
				this.faults.add(location, "'" + name
						+ "' cannot be the name of a method: choose another 'java_method', with a small first letter");
			}
			MethodModel model = new MethodModel(method, name.isEmpty() ? Names.method(method.getName()) : name,
					role(method, location), references(method, method.getInputType(), true),
					references(method, method.getOutputType(), false));
			MethodDescriptor before = names.putIfAbsent(model.name(), method);
			if (before != null) {
				this.faults.add(location, "The methods '" + before.getName() + "' and '" + method.getName()
						+ "' have the same name '" + model.name() + "' in Java: set 'java_method' of one of them");
			}
			verify(model, location);
			contract.methods().add(model);
		}
	}

	private Role role(MethodDescriptor method, Location location) {
		Role role = this.options.role(method);
		if (role == Role.UNRECOGNIZED) {
			this.faults.add(location, "The role is unknown: use INITIALIZE, CLOSE, PING or HEALTH");
			return Role.NONE;
		}
		return role;
	}

	private void verify(MethodModel method, Location location) {
		String what = "The method '" + method.descriptor().getName() + "'";
		if (method.role() != Role.NONE) {
			if (!method.isUnary()) {
				this.faults.add(location,
						what + " has the role " + method.role() + ", but is a stream: only a unary method has a role");
			}
			if (!method.created().isEmpty() || (method.role() != Role.INITIALIZE && !method.given().isEmpty())) {
				this.faults.add(location,
						what + " has the role " + method.role()
								+ ", so its messages have no references: remove the role or the references"
								+ ((method.role() == Role.INITIALIZE) ? " of the response" : ""));
			}
		}
		if (method.role() == Role.HEALTH && health(method.response()) == null) {
			this.faults.add(location,
					what + " has the role HEALTH, so its response has one field, of the type map<string, string>");
		}
		if (method.given().stream().map((reference) -> reference.option().getLifetime()).distinct().count() > 1) {
			this.faults.add(location, what + " has references of different lifetimes: use one lifetime for all");
		}
		if (!method.created().isEmpty() || method.role() == Role.INITIALIZE) {
			method.given().forEach((reference) -> {
				if (reference.option().getLifetime() == Lifetime.PROCESS) {
					this.faults.add(this.options.location(reference.field()),
							"The lifetime is that of "
									+ ((method.role() == Role.INITIALIZE) ? "the process" : "the created object")
									+ " in a request of '" + method.descriptor().getName() + "': remove 'lifetime'");
				}
			});
		}
		Set<String> names = new HashSet<>();
		for (List<ReferenceModel> references : List.of(method.given(), method.created())) {
			names.clear();
			for (ReferenceModel reference : references) {
				if (!names.add(reference.name())) {
					this.faults.add(this.options.location(reference.field()),
							"Two references of '" + method.descriptor().getName() + "' would have the Java name '"
									+ reference.name() + "': rename one of the fields");
				}
			}
		}
	}

	/**
	 * The field of a response that tells the health of the parts.
	 */
	static @Nullable FieldDescriptor health(Descriptor response) {
		if (response.getFields().size() != 1 || !response.getFields().get(0).isMapField()) {
			return null;
		}
		FieldDescriptor field = response.getFields().get(0);
		return field.getMessageType()
			.getFields()
			.stream()
			.allMatch((part) -> part.getType() == FieldDescriptor.Type.STRING) ? field : null;
	}

	private List<ReferenceModel> references(MethodDescriptor method, Descriptor message, boolean request) {
		References found = new References(method, request);
		found.find(message, List.of(), new HashSet<>());
		return found.references;
	}

	/**
	 * Verify that the services of a contract fit together, and so do its roles.
	 */
	private void verify(ContractModel contract) {
		Map<String, MethodModel> names = new HashMap<>();
		Map<Role, MethodModel> roles = new TreeMap<>();
		verifyNested(contract);
		for (MethodModel method : contract.allMethods()) {
			Location location = this.options.location(method.descriptor());
			MethodModel before = names.putIfAbsent(method.name(), method);
			if (before != null && before.descriptor().getService() != method.descriptor().getService()
					&& before.isCalledByApplication() && method.isCalledByApplication()) {
				this.faults.add(location,
						"'" + before.descriptor().getFullName() + "' and '" + method.descriptor().getFullName()
								+ "' have the same name '" + method.name() + "' in the Java interface of '" + contract
								+ "': set 'java_method' of one of them");
			}
			before = (method.role() != Role.NONE) ? roles.putIfAbsent(method.role(), method) : null;
			if (before != null) {
				this.faults.add(location,
						"'" + contract + "' has two methods of the role " + method.role() + ", '"
								+ before.descriptor().getFullName() + "' and '" + method.descriptor().getFullName()
								+ "': remove the role of one of them");
			}
		}
	}

	private void verifyNested(ContractModel contract) {
		for (MethodModel method : contract.allMethods()) {
			List<String> nested = (method.role() == Role.INITIALIZE) ? List.of("Initializer", method.callType())
					: (method.created().isEmpty() || method.isCreatesOne()) ? List.of() : List.of(method.createdType());
			if (nested.contains(contract.type().name())) {
				this.faults.add(this.options.location(method.descriptor()),
						"The interface '" + contract.type().name() + "' would contain a class of the same name, for '"
								+ method.descriptor().getName()
								+ "': set 'java_name' of the service's contract, or another name of the object");
			}
		}
	}

	/**
	 * Collects the references of one message and of the messages in it.
	 */
	private final class References {

		private final MethodDescriptor method;

		private final boolean request;

		private final List<ReferenceModel> references = new ArrayList<>();

		/**
		 * Whether there is a fault already, after which further places would only repeat
		 * it. Messages that refer to each other have more places than anybody can count.
		 */
		private boolean faulty;

		References(MethodDescriptor method, boolean request) {
			this.method = method;
			this.request = request;
		}

		private void find(Descriptor message, List<FieldDescriptor> path, Set<Descriptor> outer) {
			outer.add(message);
			for (FieldDescriptor field : message.getFields()) {
				Reference option = ModelBuilder.this.options.reference(field);
				if (option != null) {
					add(field, option, path);
				}
				else if (!this.faulty && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
						&& ModelBuilder.this.holders.contains(field.getMessageType())) {
					findIn(field, path, outer);
				}
			}
			outer.remove(message);
		}

		private void findIn(FieldDescriptor field, List<FieldDescriptor> path, Set<Descriptor> outer) {
			Descriptor message = field.getMessageType();
			if (field.isRepeated() || field.getRealContainingOneof() != null || outer.contains(message)) {
				FieldDescriptor inner = anyReference(message, new HashSet<>());
				if (inner != null) {
					this.faulty = true;
					String why = outer.contains(message) ? "contains itself"
							: field.isMapField() ? "is in the map '" + field.getName() + "'"
									: field.isRepeated() ? "is repeated in '" + field.getName() + "'"
											: "is in the oneof '" + field.getRealContainingOneof().getName() + "'";
					ModelBuilder.this.faults.add(ModelBuilder.this.options.location(inner),
							"A reference cannot be in a message that " + why
									+ ": move the field, or remove the reference");
				}
				return;
			}
			find(message, append(path, field), outer);
		}

		private @Nullable FieldDescriptor anyReference(Descriptor message, Set<Descriptor> seen) {
			if (!seen.add(message)) {
				return null;
			}
			for (FieldDescriptor field : message.getFields()) {
				if (ModelBuilder.this.options.reference(field) != null) {
					return field;
				}
				FieldDescriptor inner = (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
						? anyReference(field.getMessageType(), seen) : null;
				if (inner != null) {
					return inner;
				}
			}
			return null;
		}

		private void add(FieldDescriptor field, Reference option, List<FieldDescriptor> path) {
			Location location = ModelBuilder.this.options.location(field);
			String what = "The field '" + field.getFullName() + "'";
			String fault = fault(field, option);
			if (fault != null) {
				ModelBuilder.this.faults.add(location, what + " cannot be a reference: " + fault);
				return;
			}
			ContractModel target = ModelBuilder.this.find(option.getObject(), field.getFile().getPackage(), location,
					"the object of '" + field.getFullName() + "'", ModelBuilder.this.faults);
			if (target != null) {
				ReferenceModel reference = new ReferenceModel(append(path, field), name(field), target, option);
				// Two paths to one field have one name.
				this.faulty |= this.references.stream().anyMatch((other) -> other.name().equals(reference.name()));
				this.references.add(reference);
			}
		}

		/**
		 * The name of a parameter: {@code server} for {@code server_id}, {@code servers}
		 * for the repeated fields {@code server_ids}, {@code server} and {@code servers}.
		 */
		private static String name(FieldDescriptor field) {
			String name = Names.withoutId(field.getName());
			boolean isPlural = name.equals(field.getName()) && name.endsWith("s");
			return Names.parameter(Names.lowerCamel(name) + ((field.isRepeated() && !isPlural) ? "s" : ""));
		}

		private @Nullable String fault(FieldDescriptor field, Reference option) {
			if (this.method.isClientStreaming() || this.method.isServerStreaming()) {
				return "'" + this.method.getFullName() + "' is a stream; only unary methods have references";
			}
			if (field.getRealContainingOneof() != null) {
				return "it is in the oneof '" + field.getRealContainingOneof().getName() + "'; move it out";
			}
			boolean is32 = field.getJavaType() == FieldDescriptor.JavaType.INT;
			boolean is64 = field.getJavaType() == FieldDescriptor.JavaType.LONG;
			if (!is32 && !is64) {
				return "its type is " + field.getType().name().toLowerCase(java.util.Locale.ROOT)
						+ "; use uint32, int32, uint64 or int64";
			}
			if (field.isRepeated() && !this.request) {
				return "it is repeated and in a response; use one field for each object";
			}
			if (field.isRepeated() && !is32) {
				return "it is repeated; use uint32 or int32";
			}
			if (option.getObject().isEmpty()) {
				return "the reference has no 'object'; name a service";
			}
			if (option.getId() != 0 && (!this.request || field.isRepeated())) {
				return "only one object in a request has a fixed 'id'; remove 'id'";
			}
			if (option.getId() < 0) {
				return "the fixed 'id' is greater than " + Integer.MAX_VALUE;
			}
			if (option.getLifetime() == Lifetime.UNRECOGNIZED) {
				return "its lifetime is unknown; use CALL or PROCESS";
			}
			if (option.getLifetime() == Lifetime.PROCESS && !this.request) {
				return "only references in requests have a 'lifetime'; remove 'lifetime'";
			}
			return null;
		}

		private static List<FieldDescriptor> append(List<FieldDescriptor> path, FieldDescriptor field) {
			List<FieldDescriptor> appended = new ArrayList<>(path);
			appended.add(field);
			return appended;
		}

	}

}
