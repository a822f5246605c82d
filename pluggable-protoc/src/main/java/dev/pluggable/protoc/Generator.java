package dev.pluggable.protoc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.GeneratorNames;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;

/**
 * Generates the contracts of one run of protoc.
 */
final class Generator {

	private static final String[] SUFFIXES = { "", "Async", "Kind", "Proxy", "AsyncProxy" };

	private final CodeGeneratorRequest request;

	private final Faults faults = new Faults();

	Generator(CodeGeneratorRequest request) {
		this.request = request;
	}

	CodeGeneratorResponse generate() {
		CodeGeneratorResponse.Builder response = CodeGeneratorResponse.newBuilder()
			.setSupportedFeatures(CodeGeneratorResponse.Feature.FEATURE_PROTO3_OPTIONAL_VALUE
					| CodeGeneratorResponse.Feature.FEATURE_SUPPORTS_EDITIONS_VALUE)
			.setMinimumEdition(Edition.EDITION_PROTO2_VALUE)
			.setMaximumEdition(Edition.EDITION_2024_VALUE);
		try {
			generate(response);
		}
		catch (Faults.FaultException ex) {
			response.clearFile().setError(ex.getMessage());
		}
		return response.build();
	}

	private void generate(CodeGeneratorResponse.Builder response) {
		Map<String, FileDescriptor> files = files();
		Options options = new Options(files.values(), overlays(), this.faults);
		Set<String> generated = new HashSet<>(this.request.getFileToGenerateList());
		List<ContractModel> wanted = new ModelBuilder(files.values(), generated, options, this.faults).build();
		Map<String, Set<String>> types = typesOfPackages(files.values());
		for (ContractModel contract : wanted) {
			addTypes(contract, types, options);
		}
		this.faults.check();
		for (ContractModel contract : wanted) {
			Set<String> neighbours = types.getOrDefault(contract.type().packageName(), Set.of());
			for (JavaFile file : new ContractWriter(contract, neighbours).write()) {
				response
					.addFile(CodeGeneratorResponse.File.newBuilder().setName(file.path()).setContent(file.content()));
			}
		}
	}

	private Map<String, FileDescriptor> files() {
		Map<String, FileDescriptor> files = new LinkedHashMap<>();
		for (FileDescriptorProto proto : this.request.getProtoFileList()) {
			FileDescriptor[] dependencies = proto.getDependencyList()
				.stream()
				.map(files::get)
				.toArray(FileDescriptor[]::new);
			try {
				files.put(proto.getName(), FileDescriptor.buildFrom(proto, dependencies, true));
			}
			catch (DescriptorValidationException ex) {
				throw new Faults.FaultException(proto.getName() + ": " + ex.getMessage());
			}
		}
		return files;
	}

	private List<OverlayFile> overlays() {
		List<OverlayFile> overlays = new ArrayList<>();
		for (String parameter : this.request.getParameter().split(",")) {
			String[] parts = parameter.strip().split("=", 2);
			if (parts[0].equals("overlay") && parts.length == 2) {
				overlays.add(OverlayFile.read(parts[1]));
			}
			else if (!parts[0].isEmpty()) {
				throw new Faults.FaultException("The generator of contracts has no parameter '" + parameter.strip()
						+ "': use 'overlay=<path>'");
			}
		}
		return overlays;
	}

	/**
	 * The classes that protoc and gRPC generate, by their packages.
	 */
	private static Map<String, Set<String>> typesOfPackages(Collection<FileDescriptor> files) {
		Map<String, Set<String>> types = new HashMap<>();
		for (FileDescriptor file : files) {
			Set<String> known = types.computeIfAbsent(JavaType.packageOf(file), (packageName) -> new HashSet<>());
			known.add(GeneratorNames.getFileClassName(file));
			for (Descriptor message : file.getMessageTypes()) {
				known.add(JavaType.of(message).topLevel());
				if (!GeneratorNames.getNestInFileClass(message)) {
					known.add(message.getName() + "OrBuilder");
				}
			}
			file.getEnumTypes()
				.stream()
				.filter((type) -> !GeneratorNames.getNestInFileClass(type))
				.forEach((type) -> known.add(type.getName()));
			for (ServiceDescriptor service : file.getServices()) {
				known.add(JavaType.grpc(service).name());
			}
		}
		return types;
	}

	private void addTypes(ContractModel contract, Map<String, Set<String>> types, Options options) {
		Set<String> known = types.computeIfAbsent(contract.type().packageName(), (packageName) -> new HashSet<>());
		for (String suffix : SUFFIXES) {
			JavaType type = contract.type(suffix);
			if (!known.add(type.name())) {
				Location location = (contract.service() != null) ? options.location(contract.service())
						: new Location(contract.file().getName(), 0, 0);
				this.faults.add(location,
						"There is a Java class '" + type.qualified() + "' already, so '" + contract
								+ "' cannot have one: set " + ((contract.service() != null)
										? "'java_name' of the service's contract" : "another name of the object"));
			}
		}
	}

}
