package dev.pluggable.protoc;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.pluggable.proto.contract.v1.ContractProto.Role;
import org.jspecify.annotations.Nullable;

/**
 * Writes the Java files of one contract.
 */
final class ContractWriter {

	private final ContractModel contract;

	private final Set<String> neighbours;

	ContractWriter(ContractModel contract, Set<String> neighbours) {
		this.contract = contract;
		this.neighbours = neighbours;
	}

	List<JavaFile> write() {
		return List.of(contractInterface(), asyncInterface(), kind(), proxy(), asyncProxy());
	}

	private JavaFile file(String suffix) {
		Set<String> nested = new HashSet<>();
		if (suffix.isEmpty() || suffix.equals("Proxy")) {
			// A proxy inherits the nested types of its interface.
			for (MethodModel method : this.contract.allMethods()) {
				nested.addAll(List.of("Initializer", method.createdType(), method.callType()));
			}
		}
		return new JavaFile(this.contract.type(suffix), this.neighbours, nested);
	}

	// The blocking interface

	private JavaFile contractInterface() {
		JavaFile file = file("");
		String name = this.contract.type().name();
		String async = file.use(this.contract.type("Async"));
		StringBuilder members = new StringBuilder();
		if (this.contract.method(Role.INITIALIZE) == null) {
			members.append("""
					/**
					 * The host service of this contract, for requests that hand it over.
					 * @return an object that can only be handed over
					 */
					static %s hostService() {
						return %s.INSTANCE.hostService();
					}

					""".formatted(name, file.use(this.contract.type("Kind"))));
		}
		for (MethodModel method : this.contract.methods()) {
			if (method.role() == Role.INITIALIZE) {
				members.append(initializeMethod(file, method));
			}
			else if (method.isCalledByApplication()) {
				members.append(declaration(file, method, false));
				if (method.isRequestSupplied()) {
					members.append(suppliedMethod(file, method));
				}
			}
		}
		members.append("""
				/**
				 * The same methods without blocking. An implementation need not have them.
				 * @return the asynchronous twin of a proxy
				 */
				%sdefault %s async() {
					throw new %s("Only proxies have an asynchronous twin: " + this);
				}

				""".formatted(this.contract.parts().isEmpty() ? "" : "@" + file.use("java.lang.Override") + "\n", async,
				file.use("java.lang.UnsupportedOperationException")));
		this.contract.methods()
			.stream()
			.filter((method) -> !method.created().isEmpty() && !method.isCreatesOne())
			.forEach((method) -> members.append(createdObjects(file, method)));
		MethodModel initialize = this.contract.method(Role.INITIALIZE);
		if (initialize != null) {
			members.append(initializer(file, initialize));
		}
		return file.body(documentation("") + annotations(file) + "@" + file.use("dev.pluggable.contract.Contract")
				+ "(kind = " + file.use(this.contract.type("Kind")) + ".class)\npublic interface " + name + " extends "
				+ supertypes(file, "", "dev.pluggable.contract.ContractObject") + " {\n\n"
				+ Code.indent(members.toString()) + "\n}");
	}

	private String supertypes(JavaFile file, String suffix, String otherwise) {
		return this.contract.parts().isEmpty() ? file.use(otherwise)
				: this.contract.parts()
					.stream()
					.map((part) -> file.use(part.type(suffix)))
					.collect(Collectors.joining(", "))
						+ (suffix.isEmpty() && this.contract.service() != null ? ", " + file.use(otherwise) : "");
	}

	/**
	 * The documentation of an interface.
	 */
	private String documentation(String more) {
		ServiceDescriptor service = this.contract.service();
		Javadoc javadoc = (service != null)
				? new Javadoc(Location.comment(service), "The service {@code " + service.getFullName() + "}.")
				: new Javadoc("",
						"An object with the services " + this.contract.parts()
							.stream()
							.map((part) -> "{@code " + part.fullName() + "}")
							.collect(Collectors.joining(", ")) + ".");
		javadoc.text(more);
		if (service != null && service.getOptions().getDeprecated()) {
			javadoc.text("@deprecated the service is deprecated in its {@code .proto}");
		}
		return javadoc + "\n";
	}

	private String annotations(JavaFile file) {
		ServiceDescriptor service = this.contract.service();
		return "@" + file.use("org.jspecify.annotations.NullMarked") + "\n" + suppression(file)
				+ ((service != null && service.getOptions().getDeprecated())
						? "@" + file.use("java.lang.Deprecated") + "\n" : "");
	}

	/**
	 * Uses of what is deprecated in the {@code .proto} do not warn.
	 */
	private String suppression(JavaFile file) {
		return usesDeprecated() ? "@" + file.use("java.lang.SuppressWarnings") + "(\"deprecation\")\n" : "";
	}

	private boolean usesDeprecated() {
		return this.contract.services()
			.stream()
			.anyMatch((part) -> Objects.requireNonNull(part.service()).getOptions().getDeprecated()
					|| part.methods().stream().anyMatch(ContractWriter::usesDeprecated));
	}

	private static boolean usesDeprecated(MethodModel method) {
		List<ReferenceModel> references = new ArrayList<>(method.given());
		references.addAll(method.created());
		return method.descriptor().getOptions().getDeprecated() || isDeprecated(method.request())
				|| isDeprecated(method.response())
				|| method.response().getFields().stream().anyMatch((field) -> field.getOptions().getDeprecated())
				|| references.stream()
					.anyMatch((reference) -> reference.target()
						.services()
						.stream()
						.anyMatch((service) -> Objects.requireNonNull(service.service()).getOptions().getDeprecated())
							|| reference.path().stream().anyMatch((field) -> field.getOptions().getDeprecated()));
	}

	private static boolean isDeprecated(@Nullable Descriptor message) {
		return message != null && (message.getOptions().getDeprecated() || isDeprecated(message.getContainingType()));
	}

	private String declaration(JavaFile file, MethodModel method, boolean async) {
		MethodCode code = new MethodCode(file, this.contract, method);
		Javadoc javadoc = new Javadoc(Location.comment(method.descriptor()),
				"Call the method {@code " + method.descriptor().getName() + "}.");
		return parameters(file, javadoc, method, async) + code.signature(async) + ";\n\n";
	}

	/**
	 * The documentation of parameters and result, and the annotation of a method.
	 */
	private static String parameters(JavaFile file, Javadoc javadoc, MethodModel method, boolean async) {
		return parameters(file, javadoc, method, async, "the request");
	}

	private static String parameters(JavaFile file, Javadoc javadoc, MethodModel method, boolean async,
			String request) {
		if (!method.descriptor().isClientStreaming() && method.hasRequest()) {
			javadoc.text("@param request " + request);
		}
		for (ReferenceModel given : method.given()) {
			javadoc.text("@param " + given.name()
					+ (given.field().isRepeated() ? " the objects of the field {@code "
							: " the object of the field {@code ")
					+ given.field().getName() + "}" + (given.field().isRepeated() ? "" : ", {@code null} for none"));
		}
		if (method.descriptor().isClientStreaming() || (async && method.isServerStream())) {
			javadoc.text("@param answers receives the answers, and a {@link dev.pluggable.PluggableException} if the"
					+ "\n call fails; runs on a thread that it must not block");
		}
		boolean blocking = false;
		if (method.descriptor().isClientStreaming()) {
			javadoc.text("@return receives the requests; not safe for use by many threads");
		}
		else if (method.isServerStream()) {
			javadoc.text(async ? "@return the call, which can be cancelled"
					: "@return the answers, which are received while they are read; to be closed unless read to the end");
			blocking = !async;
		}
		else if (!method.created().isEmpty()) {
			javadoc.text(method.isCreatesOne()
					? "@return the object, which is created in the background, and again"
							+ " after a loss; to be closed"
					: "@return the objects, which are created in the background, and again after a loss; to be closed");
		}
		else if (async) {
			javadoc.text("@return completes with the answer, or fails with a {@link dev.pluggable.PluggableException}");
		}
		else {
			blocking = true;
			if (method.hasResponse()) {
				javadoc.text("@return the answer");
			}
		}
		if (blocking) {
			javadoc.text("@throws dev.pluggable.PluggableException if the call fails");
		}
		if (method.descriptor().getOptions().getDeprecated()) {
			javadoc.text("@deprecated the method is deprecated in its {@code .proto}");
			return javadoc + "\n@" + file.use("java.lang.Deprecated") + "\n";
		}
		return javadoc + "\n";
	}

	/**
	 * The host calls such a method by itself, and an implementation may have it.
	 */
	private String initializeMethod(JavaFile file, MethodModel method) {
		MethodCode code = new MethodCode(file, this.contract, method);
		Javadoc javadoc = new Javadoc(Location.comment(method.descriptor()), "Initialise the component.");
		javadoc.text("<p>\nThe host calls this method on each new process, with what the {@link Initializer} provides."
				+ "\nOnly an implementation that is served overrides it.");
		return parameters(file, javadoc, method, false) + """
				default %s {
					throw new %s("The host calls '%s' on each new process");
				}

				""".formatted(code.signature(false), file.use("java.lang.UnsupportedOperationException"),
				method.descriptor().getName());
	}

	/**
	 * A creating method whose request is made for each creation. An implementation has
	 * the other method only.
	 */
	private String suppliedMethod(JavaFile file, MethodModel method) {
		Javadoc javadoc = new Javadoc(Location.comment(method.descriptor()),
				"Call the method {@code " + method.descriptor().getName() + "}.");
		javadoc.text("<p>\nEach creation, also the one after a loss, asks for a new request. The supplier runs on a"
				+ "\nthread that may block, and may call other objects. If the supplier fails, the host tries again.");
		String arguments = Stream.concat(Stream.of("request.get()"), method.given().stream().map(ReferenceModel::name))
			.collect(Collectors.joining(", "));
		return parameters(file, javadoc, method, false, "makes the request of one creation") + """
				default %s {
					return %s(%s);
				}

				""".formatted(new MethodCode(file, this.contract, method).supplied().signature(false), method.name(),
				arguments);
	}

	private String createdObjects(JavaFile file, MethodModel method) {
		MethodCode code = new MethodCode(file, this.contract, method);
		String type = method.createdType();
		String created = file.use("dev.pluggable.contract.CreatedObjects") + "<" + code.response() + ">";
		String objects = method.created()
			.stream()
			.map((reference) -> file.use(reference.target().type()) + " " + reference.name())
			.collect(Collectors.joining(", "));
		StringBuilder members = new StringBuilder("""
				private final %1$s created;

				/**
				 * Create the result.
				 * @param created the answer and its objects
				 */
				public %2$s(%1$s created) {
					this.created = created;
				}

				/**
				 * Create the result of an implementation.
				 * @param reply the answer; its numbers of objects do not count
				%3$s
				 * @return the result
				 */
				public static %2$s of(%4$s reply, %5$s) {
					return new %2$s(%6$s.of(reply, %7$s));
				}

				/**
				 * The current answer. Waits like a call.
				 * @return the answer
				 * @throws dev.pluggable.ComponentUnavailableException if the objects are not there in time
				 */
				public %4$s reply() {
					return this.created.reply();
				}

				""".formatted(created, type,
				method.created()
					.stream()
					.map((reference) -> " * @param " + reference.name() + " the object of the field {@code "
							+ reference.field().getName() + "}")
					.collect(Collectors.joining("\n")),
				code.response(), objects, file.use("dev.pluggable.contract.CreatedObjects"),
				method.created().stream().map(ReferenceModel::name).collect(Collectors.joining(", "))));
		for (int i = 0; i < method.created().size(); i++) {
			ReferenceModel reference = method.created().get(i);
			String target = file.use(reference.target().type());
			members.append("""
					/**
					 * The object of the field {@code %s}.
					 * @return the object, always the same one
					 */
					public %s %s() {
						return this.created.object(%s, %s.class);
					}

					""".formatted(reference.field().getName(), target, reference.name(), i, target));
		}
		String override = file.use("java.lang.Override");
		members.append("""
				/**
				 * Close all objects.
				 */
				@%s
				public void close() {
					this.created.close();
				}
				""".formatted(override));
		return """
				/**
				 * The answer of {@code %s}, and the objects that the call has created.
				 */
				final class %s implements %s {

				%s
				}

				""".formatted(method.descriptor().getName(), type, file.use("java.lang.AutoCloseable"),
				Code.indent(members.toString()));
	}

	private String initializer(JavaFile file, MethodModel method) {
		MethodCode code = new MethodCode(file, this.contract, method);
		List<String> components = new ArrayList<>();
		List<String> descriptions = new ArrayList<>();
		if (method.hasRequest()) {
			components.add(code.request() + " request");
			descriptions.add(" * @param request the request");
		}
		for (ReferenceModel given : method.given()) {
			components.add(code.given(given));
			descriptions.add(" * @param " + given.name() + " what the field {@code " + given.field().getName()
					+ "} stands for" + (given.field().isRepeated() ? "" : ", {@code null} for none"));
		}
		return """
				/**
				 * Provides what {@code %1$s} is called with on each new process. The kind needs one.
				 */
				@%2$s
				interface Initializer {

					/**
					 * Provide request and objects for a new process. May block.
					 * @param context name, type and settings of the component
					 * @return request and objects
					 */
					%3$s %4$s(%5$s context);

				}

				/**
				 * A call of {@code %1$s}.
				%6$s
				 */
				record %3$s(%7$s) {
				}
				""".formatted(method.descriptor().getName(), file.use("java.lang.FunctionalInterface"),
				method.callType(), method.name(), file.use("dev.pluggable.ComponentContext"),
				descriptions.isEmpty() ? " *" : " *\n" + String.join("\n", descriptions),
				String.join(", ", components));
	}

	// The asynchronous twin

	private JavaFile asyncInterface() {
		JavaFile file = file("Async");
		StringBuilder members = new StringBuilder();
		this.contract.methods()
			.stream()
			.filter(MethodModel::isCalledByApplication)
			.forEach((method) -> members.append(declaration(file, method, true)));
		String name = this.contract.type("Async").name();
		Javadoc javadoc = new Javadoc("",
				"The methods of {@link " + file.use(this.contract.type())
						+ "} without blocking. Stages of a future that"
						+ "\nname no executor run on the thread that receives the answer, and must not block it."
						+ "\nWhoever cancels a future cancels its call.");
		return file.body(javadoc + "\n@" + file.use("org.jspecify.annotations.NullMarked") + "\n" + suppression(file)
				+ "public interface " + name
				+ (this.contract.parts().isEmpty() ? "" : " extends " + supertypes(file, "Async", "")) + " {\n\n"
				+ Code.indent(members.toString()) + "\n}");
	}

	// The proxies

	private JavaFile proxy() {
		JavaFile file = file("Proxy");
		String name = this.contract.type("Proxy").name();
		String async = file.use(this.contract.type("Async"));
		String override = "@" + file.use("java.lang.Override") + "\n";
		StringBuilder members = new StringBuilder("""
				private final %1$s async;

				%2$s(%3$s client) {
					super(client);
					this.async = new %4$s(this.calls);
				}

				""".formatted(async, name, file.use("dev.pluggable.ComponentClient"),
				file.use(this.contract.type("AsyncProxy"))));
		for (ContractModel part : this.contract.services()) {
			for (MethodModel method : part.methods()) {
				MethodCode code = new MethodCode(file, part, method);
				if (method.isCalledByApplication()) {
					String call = code.call(false) + ";";
					members.append(override + "public " + code.signature(false) + " {\n"
							+ Code.indent((code.result(false).equals("void") ? "" : "return ") + call) + "}\n\n");
					if (method.isRequestSupplied()) {
						MethodCode supplied = code.supplied();
						members.append(override + "public " + supplied.signature(false) + " {\n"
								+ Code.indent("return " + supplied.call(false) + ";") + "}\n\n");
					}
				}
				else if (method.role() == Role.CLOSE) {
					members.append(override + "public void close() {\n\tthis.calls.close(" + code.descriptor() + ", "
							+ code.request() + ".getDefaultInstance());\n}\n\n");
				}
			}
		}
		members.append(override + "public " + async + " async() {\n\treturn this.async;\n}\n\n");
		return file.body("/**\n * The proxy of {@link " + file.use(this.contract.type()) + "}.\n */\n@"
				+ file.use("org.jspecify.annotations.NullMarked") + "\n" + suppression(file) + "final class " + name
				+ " extends " + file.use("dev.pluggable.contract.ContractProxy") + " implements "
				+ file.use(this.contract.type()) + " {\n\n" + Code.indent(members.toString()) + "\n}");
	}

	private JavaFile asyncProxy() {
		JavaFile file = file("AsyncProxy");
		String name = this.contract.type("AsyncProxy").name();
		String override = "@" + file.use("java.lang.Override") + "\n";
		StringBuilder members = new StringBuilder("""
				private final %1$s calls;

				%2$s(%1$s calls) {
					this.calls = calls;
				}

				""".formatted(file.use("dev.pluggable.contract.ContractCalls"), name));
		for (ContractModel part : this.contract.services()) {
			for (MethodModel method : part.methods()) {
				MethodCode code = new MethodCode(file, part, method);
				if (method.isCalledByApplication()) {
					members.append(override + "public " + code.signature(true) + " {\n"
							+ Code.indent("return " + code.call(true) + ";") + "}\n\n");
				}
			}
		}
		return file.body("/**\n * The asynchronous proxy of {@link " + file.use(this.contract.type()) + "}.\n */\n@"
				+ file.use("org.jspecify.annotations.NullMarked") + "\n" + suppression(file) + "final class " + name
				+ " implements " + file.use(this.contract.type("Async")) + " {\n\n" + Code.indent(members.toString())
				+ "\n}");
	}

	// The kind

	private JavaFile kind() {
		JavaFile file = file("Kind");
		String name = this.contract.type("Kind").name();
		String type = file.use(this.contract.type());
		String override = "@" + file.use("java.lang.Override") + "\n";
		String list = file.use("java.util.List");
		String services = this.contract.services()
			.stream()
			.map((part) -> file.use(JavaType.grpc(Objects.requireNonNull(part.service()))) + ".SERVICE_NAME")
			.collect(Collectors.joining(", "));
		String superCall = "super(\"" + this.contract.kind() + "\", " + type + ".class, " + list + ".of(" + services
				+ "));";
		MethodModel initialize = this.contract.method(Role.INITIALIZE);
		StringBuilder members = new StringBuilder("""
				/**
				 * The kind.
				 */
				public static final %1$s INSTANCE = new %1$s();

				""".formatted(name));
		members.append((initialize == null) ? """
				/**
				 * Create the kind.
				 */
				public %s() {
					%s
				}

				""".formatted(name, superCall) : initializingConstructors(file, superCall));
		members.append("""
				%1$spublic %2$s createProxy(%3$s client) {
					return new %4$s(client);
				}

				""".formatted(override, type, file.use("dev.pluggable.ComponentClient"),
				file.use(this.contract.type("Proxy"))));
		members.append("""
				%1$spublic %2$s<%3$s> serviceDescriptors() {
					return %2$s.of(%4$s);
				}

				""".formatted(override, list, file.use("io.grpc.ServiceDescriptor"),
				services.replace(".SERVICE_NAME", ".getServiceDescriptor()")));
		members.append(bind(file, override, type, list));
		if (initialize != null) {
			members.append(initialization(file, initialize, override));
		}
		MethodModel ping = this.contract.method(Role.PING);
		if (ping != null) {
			members.append(override + "public " + file.use("java.util.concurrent.CompletionStage") + "<?> ping("
					+ file.use("io.grpc.Channel") + " channel) {\n" + Code.indent("return " + async(file, ping) + ";")
					+ "}\n\n");
		}
		MethodModel health = this.contract.method(Role.HEALTH);
		if (health != null) {
			FieldDescriptor parts = Objects.requireNonNull(ModelBuilder.health(health.response()));
			String string = file.use("java.lang.String");
			members.append(override + "public " + file.use("java.util.concurrent.CompletionStage") + "<"
					+ file.use("java.util.Map") + "<" + string + ", " + string + ">> health("
					+ file.use("io.grpc.Channel") + " channel) {\n"
					+ Code.indent("return " + async(file, health) + ".thenApply("
							+ new MethodCode(file, this.contract, health).response() + "::get" + Accessors.of(parts)
							+ "Map);")
					+ "}\n\n");
		}
		return file.body("/**\n * The kind of {@link " + type + "}.\n */\n@"
				+ file.use("org.jspecify.annotations.NullMarked") + "\n" + suppression(file) + "public final class "
				+ name + " extends " + file.use("dev.pluggable.contract.ContractKind") + "<" + type + "> {\n\n"
				+ Code.indent(members.toString()) + "\n}");
	}

	private String async(JavaFile file, MethodModel method) {
		MethodCode code = new MethodCode(file, this.contract, method);
		return file.use("dev.pluggable.kind.ComponentCalls") + ".async(channel, " + code.descriptor() + ", "
				+ code.request() + ".getDefaultInstance())";
	}

	private String bind(JavaFile file, String override, String type, String list) {
		String definition = file.use("io.grpc.ServerServiceDefinition");
		String signature = override + "public " + list + "<" + definition + "> bind("
				+ file.use("java.util.function.Supplier") + "<? extends " + type + "> implementation) {\n";
		StringBuilder code = new StringBuilder();
		ServiceDescriptor service = this.contract.service();
		String own = "";
		if (service != null) {
			if (!this.contract.methods().isEmpty()) {
				String served = file.use("dev.pluggable.contract.ServedContract");
				code.append(served + "<" + type + "> served = new " + served + "<>(this, implementation);\n");
			}
			own = definition + ".builder(" + file.use(JavaType.grpc(service)) + ".getServiceDescriptor())\n"
					+ this.contract.methods()
						.stream()
						.map((method) -> Code
							.indent(".addMethod(" + new MethodCode(file, this.contract, method).served() + ")"))
						.collect(Collectors.joining())
					+ "\t.build()";
		}
		if (this.contract.parts().isEmpty()) {
			code.append("return " + list + ".of(" + own + ");\n");
		}
		else {
			code.append(list + "<" + definition + "> services = new " + file.use("java.util.ArrayList") + "<>();\n");
			if (service != null) {
				code.append("services.add(" + own + ");\n");
			}
			for (ContractModel part : this.contract.parts()) {
				code.append("services.addAll(" + file.use(part.type("Kind")) + ".INSTANCE.bind(implementation));\n");
			}
			code.append("return services;\n");
		}
		return signature + Code.indent(code.toString()) + "}\n\n";
	}

	private String initializingConstructors(JavaFile file, String superCall) {
		String name = this.contract.type("Kind").name();
		String type = file.use(this.contract.type());
		return """
				private final %1$s<? extends %2$s.Initializer> initializer;

				/**
				 * Create the kind for objects that an application serves.
				 */
				public %3$s() {
					this(() -> {
						throw new %4$s("The kind '%5$s' needs a bean of the type %2$s.Initializer");
					});
				}

				/**
				 * Create the kind.
				 * @param initializer gives what provides the initialisation of each new process
				 */
				public %3$s(%1$s<? extends %2$s.Initializer> initializer) {
					%6$s
					this.initializer = initializer;
				}

				""".formatted(file.use("java.util.function.Supplier"), type, name,
				file.use("java.lang.IllegalStateException"), this.contract.kind(), superCall);
	}

	private String initialization(JavaFile file, MethodModel method, String override) {
		MethodCode code = new MethodCode(file, this.contract, method);
		String initialization = file.use("dev.pluggable.contract.Initialization");
		String call = file.use(this.contract.type()) + "." + method.callType();
		return """
				%1$sprotected boolean initializes() {
					return true;
				}

				%1$sprotected %2$s<?> initialization(%3$s context) {
					%4$s call = this.initializer.get().%5$s(context);
				%6$s}

				""".formatted(override, initialization, file.use("dev.pluggable.ComponentContext"), call, method.name(),
				Code.indent("return new " + initialization + "<>(" + code.descriptor() + ", " + code.factory("call.")
						+ ");"));
	}

}
