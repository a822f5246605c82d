package dev.pluggable.protoc;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.pluggable.proto.contract.v1.ContractProto.Lifetime;
import dev.pluggable.proto.contract.v1.ContractProto.Role;

/**
 * The code of one method of a contract, for one file.
 */
final class MethodCode {

	private final JavaFile file;

	private final ContractModel contract;

	private final MethodModel method;

	private final boolean supplied;

	/**
	 * Create the code of a method.
	 * @param file the file, which gets the imports
	 * @param contract the contract that declares the method
	 * @param method the method
	 */
	MethodCode(JavaFile file, ContractModel contract, MethodModel method) {
		this(file, contract, method, false);
	}

	private MethodCode(JavaFile file, ContractModel contract, MethodModel method, boolean supplied) {
		this.file = file;
		this.contract = contract;
		this.method = method;
		this.supplied = supplied;
	}

	/**
	 * The code of the method that takes a supplier instead of the request.
	 */
	MethodCode supplied() {
		return new MethodCode(this.file, this.contract, this.method, true);
	}

	String request() {
		return this.file.use(JavaType.of(this.method.request()));
	}

	String response() {
		return this.file.use(JavaType.of(this.method.response()));
	}

	/**
	 * Refer to the nested class of several created objects.
	 */
	String createdType() {
		return this.file.use(nested(this.method.createdType()));
	}

	private JavaType nested(String name) {
		return new JavaType(this.contract.type().packageName(), this.contract.type().name() + "." + name);
	}

	/**
	 * Refer to the method's descriptor.
	 */
	String descriptor() {
		return grpc() + "." + Names.descriptorGetter(this.method.descriptor().getName()) + "()";
	}

	private String grpc() {
		return this.file.use(JavaType.grpc(this.method.descriptor().getService()));
	}

	/**
	 * The type and the name of each parameter.
	 * @param async whether the method is that of the asynchronous twin
	 */
	List<String> parameters(boolean async) {
		List<String> parameters = new ArrayList<>();
		if (!this.method.descriptor().isClientStreaming() && this.method.hasRequest()) {
			parameters
				.add((this.supplied ? this.file.use("java.util.function.Supplier") + "<" + request() + ">" : request())
						+ " request");
		}
		this.method.given().forEach((reference) -> parameters.add(given(reference)));
		if (this.method.descriptor().isClientStreaming() || (async && this.method.isServerStream())) {
			parameters.add(this.file.use("io.grpc.stub.StreamObserver") + "<" + response() + "> answers");
		}
		return parameters;
	}

	/**
	 * The type and the name of a parameter for an object.
	 */
	String given(ReferenceModel reference) {
		JavaType target = reference.target().type();
		return (reference.field().isRepeated()
				? this.file.use("java.util.List") + "<? extends " + this.file.use(target) + ">"
				: this.file.useNullable(target)) + " " + reference.name();
	}

	/**
	 * The result of the method.
	 */
	String result(boolean async) {
		if (this.method.descriptor().isClientStreaming()) {
			return this.file.use(async ? "io.grpc.stub.ClientCallStreamObserver" : "io.grpc.stub.StreamObserver") + "<"
					+ request() + ">";
		}
		if (this.method.isServerStream()) {
			return async ? this.file.use("io.grpc.stub.ClientCallStreamObserver") + "<" + request() + ">"
					: this.file.use("java.util.stream.Stream") + "<" + response() + ">";
		}
		if (this.method.isCreatesOne()) {
			return this.file.use(this.method.created().get(0).target().type());
		}
		if (!this.method.created().isEmpty()) {
			return createdType();
		}
		if (async) {
			return this.file.use("java.util.concurrent.CompletableFuture") + "<" + response() + ">";
		}
		return this.method.hasResponse() ? response() : "void";
	}

	String signature(boolean async) {
		return result(async) + " " + this.method.name() + "(" + String.join(", ", parameters(async)) + ")";
	}

	/**
	 * The call that a proxy makes.
	 * @return an expression
	 */
	String call(boolean async) {
		String calls = "this.calls.";
		if (this.method.descriptor().isClientStreaming()) {
			return calls + (this.method.descriptor().isServerStreaming() ? "bidiStream" : "clientStream") + "("
					+ descriptor() + ", answers)";
		}
		if (this.method.isServerStream()) {
			return async ? calls + "serverStream(" + descriptor() + ", " + requestValue() + ", answers)"
					: calls + "stream(" + descriptor() + ", " + requestValue() + ")";
		}
		if (this.method.isCreatesOne()) {
			ReferenceModel created = this.method.created().get(0);
			return calls + "create(" + descriptor() + ", " + factory("") + ", (answer) -> " + id("answer", created)
					+ ", " + kind(created) + ")";
		}
		if (!this.method.created().isEmpty()) {
			String objects = this.method.created()
				.stream()
				.map((created) -> "new " + this.file.use("dev.pluggable.contract.CreatedReference") + "<>(\""
						+ created.field().getName() + "\", (" + response() + " answer) -> " + id("answer", created)
						+ ", " + kind(created) + ")")
				.collect(Collectors.joining(", "));
			return "new " + createdType() + "(" + calls + "createAll(" + descriptor() + ", " + factory("") + ", "
					+ this.file.use("java.util.List") + ".of(" + objects + ")))";
		}
		String how = calls + (async ? "async(" : "unary(") + descriptor() + ", ";
		if (this.method.given().isEmpty()) {
			return how + requestValue() + ")";
		}
		Lifetime lifetime = this.method.given().get(0).option().getLifetime();
		return how + this.file.use("dev.pluggable.contract.Lifetime") + "." + lifetime + ", " + factory("") + ")";
	}

	private String requestValue() {
		return this.method.hasRequest() ? "request" : request() + ".getDefaultInstance()";
	}

	/**
	 * Makes the request.
	 * @param from what gives the request and the objects: empty for the parameters, or a
	 * record with a dot
	 * @return a lambda
	 */
	String factory(String from) {
		String suffix = from.isEmpty() ? "" : "()";
		String given = from + "request" + suffix + (this.supplied ? ".get()" : "");
		if (this.method.given().isEmpty()) {
			return "(references) -> " + (this.method.hasRequest() ? given : requestValue());
		}
		StringBuilder code = new StringBuilder("(references) -> {\n");
		code.append("\t" + request() + ".Builder builder = "
				+ (this.method.hasRequest() ? given + ".toBuilder()" : request() + ".newBuilder()") + ";\n");
		for (ReferenceModel reference : this.method.given()) {
			code.append(Code.indent(give(reference, from + reference.name() + suffix)));
		}
		return code.append("\treturn builder.build();\n}").toString();
	}

	/**
	 * Puts the number of an object into the builder of the request.
	 */
	private String give(ReferenceModel reference, String object) {
		FieldDescriptor field = reference.field();
		String accessor = Accessors.of(field);
		List<FieldDescriptor> outer = reference.path().subList(0, reference.path().size() - 1);
		String builder = "builder"
				+ outer.stream().map((step) -> ".get" + Accessors.of(step) + "Builder()").collect(Collectors.joining());
		String arguments = "(\"" + field.getName() + "\", " + object + ", " + kind(reference);
		String set;
		String condition;
		if (field.isRepeated()) {
			set = builder + ".clear" + accessor + "().addAll" + accessor + "(references.ids" + arguments + "));\n";
			condition = "!" + object + ".isEmpty()";
		}
		else {
			int id = reference.option().getId();
			set = builder + ".set" + accessor + "(references.id" + arguments + ((id != 0) ? ", " + id : "") + "));\n";
			condition = object + " != null";
		}
		if (outer.isEmpty() && !field.hasPresence()) {
			return set;
		}
		// Nothing is set for no object, so that no message around the field comes to be.
		String has = "builder" + getters(outer.subList(0, Math.max(0, outer.size() - 1))) + ".has"
				+ Accessors.of(outer.isEmpty() ? field : outer.get(outer.size() - 1)) + "()";
		return "if (" + condition + ") {\n\t" + set + "}\nelse if (" + has + ") {\n\t" + builder + ".clear" + accessor
				+ "();\n}\n";
	}

	private static String getters(List<FieldDescriptor> path) {
		return path.stream().map((step) -> ".get" + Accessors.of(step) + "()").collect(Collectors.joining());
	}

	/**
	 * Takes the number of an object from a message.
	 */
	private static String id(String message, ReferenceModel reference) {
		String id = message + getters(reference.path());
		if (reference.field().isRepeated()) {
			return id.replaceFirst("\\(\\)$", "List()");
		}
		return (reference.field().getJavaType() == FieldDescriptor.JavaType.LONG) ? "(int) " + id : id;
	}

	/**
	 * Refer to the kind of an object.
	 */
	private String kind(ReferenceModel reference) {
		return this.file.use(reference.target().type("Kind")) + ".INSTANCE";
	}

	/**
	 * The method of the service side.
	 * @return an expression
	 */
	String served() {
		if (this.method.role() == Role.CLOSE) {
			return "served.close(" + descriptor() + ", " + response() + ".getDefaultInstance())";
		}
		String how = this.method.descriptor().isClientStreaming()
				? (this.method.descriptor().isServerStreaming() ? "bidiStream" : "clientStream")
				: (this.method.isServerStream() ? "serverStream" : "unary");
		return "served." + how + "(" + descriptor() + ", " + work() + ")";
	}

	private String work() {
		if (this.method.descriptor().isClientStreaming()) {
			return "(contract, answers) -> contract." + this.method.name() + "(answers)";
		}
		String lambda = "(contract, request, caller) -> ";
		String empty = response() + ".getDefaultInstance()";
		if (this.method.role() == Role.PING) {
			return lambda + empty;
		}
		List<String> arguments = new ArrayList<>();
		if (this.method.hasRequest()) {
			arguments.add("request");
		}
		for (ReferenceModel given : this.method.given()) {
			arguments.add("caller." + (given.field().isRepeated() ? "objects" : "object") + "(\""
					+ given.field().getName() + "\", " + id("request", given) + ", " + kind(given) + ")");
		}
		String call = "contract." + this.method.name() + "(" + String.join(", ", arguments) + ")";
		if (this.method.isCreatesOne()) {
			ReferenceModel created = this.method.created().get(0);
			return lambda + response() + ".newBuilder().set" + Accessors.of(created.field()) + "("
					+ createdId(created, call) + ").build()";
		}
		if (!this.method.created().isEmpty()) {
			StringBuilder code = new StringBuilder(lambda + "{\n");
			code.append("\t" + createdType() + " created = " + call + ";\n");
			code.append("\t" + response() + ".Builder builder = created.reply().toBuilder();\n");
			for (ReferenceModel created : this.method.created()) {
				List<FieldDescriptor> outer = created.path().subList(0, created.path().size() - 1);
				code.append("\tbuilder"
						+ outer.stream()
							.map((step) -> ".get" + Accessors.of(step) + "Builder()")
							.collect(Collectors.joining())
						+ ".set" + Accessors.of(created.field()) + "("
						+ createdId(created, "created." + created.name() + "()") + ");\n");
			}
			return code.append("\treturn builder.build();\n}").toString();
		}
		return this.method.hasResponse() ? lambda + call : lambda + "{\n\t" + call + ";\n\treturn " + empty + ";\n}";
	}

	private String createdId(ReferenceModel created, String object) {
		return "caller.id(\"" + created.field().getName() + "\", " + object + ", " + kind(created) + ")";
	}

}
