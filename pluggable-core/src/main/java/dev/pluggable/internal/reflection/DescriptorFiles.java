package dev.pluggable.internal.reflection;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * The files that a server has sent to describe its services, and what became of the
 * imports between them. Not safe for use by many threads.
 */
final class DescriptorFiles {

	/**
	 * Largest number of characters in the full names of all elements together. The name
	 * of a message is part of the full names of all its elements, so that a small file
	 * can have names of any size.
	 */
	static final int MAX_NAMES = 32 * 1024 * 1024;

	private final Set<String> services;

	private final Map<String, FileDescriptorProto> files = new LinkedHashMap<>();

	/**
	 * Names of files by the names under which other files import them.
	 */
	private final Map<String, String> aliases = new HashMap<>();

	/**
	 * Why an import is missing, by its name.
	 */
	private final Map<String, String> missing = new HashMap<>();

	/**
	 * Files by the files that need their types, whether they import them or not.
	 */
	private final Map<String, Set<String>> substitutes = new HashMap<>();

	/**
	 * Why a service is not described, by its name.
	 */
	private final Map<String, String> undescribed = new HashMap<>();

	/**
	 * Names of files by the full names of the types that they define.
	 */
	private final Map<String, Set<String>> types = new HashMap<>();

	private final MessageDigest digest;

	private long names;

	/**
	 * Create an empty collection.
	 * @param services full names of the services to describe
	 */
	DescriptorFiles(Set<String> services) {
		this.services = new TreeSet<>(services);
		try {
			this.digest = MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	Set<String> services() {
		return this.services;
	}

	/**
	 * Add the files of one answer. Of two files with one name, the first one counts.
	 * @return the name of the first file
	 * @throws StatusRuntimeException {@code RESOURCE_EXHAUSTED} if the names of all files
	 * are too large
	 */
	String add(List<ByteString> answer) throws InvalidProtocolBufferException {
		String first = null;
		for (ByteString bytes : answer) {
			FileDescriptorProto file = FileDescriptorProto.parseFrom(bytes);
			this.names += sizeOfNames(file);
			if (this.names > MAX_NAMES) {
				throw Status.RESOURCE_EXHAUSTED
					.withDescription(
							"The description of the services has names of more than " + MAX_NAMES + " characters")
					.asRuntimeException();
			}
			if (first == null) {
				first = file.getName();
			}
			if (!isWellKnown(file) && this.files.putIfAbsent(file.getName(), file) == null) {
				this.digest.update(bytes.asReadOnlyByteBuffer());
				forEachType(file, (type) -> this.types.computeIfAbsent(type, (name) -> new LinkedHashSet<>())
					.add(file.getName()));
			}
		}
		if (first == null) {
			throw new InvalidProtocolBufferException("the answer has no file");
		}
		return first;
	}

	/**
	 * Tell whether the library has the file, or one with the same types under another
	 * name.
	 */
	private static boolean isWellKnown(FileDescriptorProto file) {
		List<String> known = new ArrayList<>();
		forEachType(file, (type) -> {
			if (WellKnownFiles.fileOf(type) != null) {
				known.add(type);
			}
		});
		return !known.isEmpty() || WellKnownFiles.isFile(file.getName());
	}

	/**
	 * An import has another name than its file. A file that the library replaces is found
	 * by its types.
	 */
	void alias(String imported, String file) {
		if (!this.files.containsKey(file)) {
			this.missing.put(imported, "it is another one");
		}
		else if (!imported.equals(file)) {
			this.aliases.put(imported, file);
		}
	}

	void missing(String imported, String reason) {
		this.missing.put(imported, reason);
	}

	void undescribed(String service, String reason) {
		this.undescribed.put(service, reason);
	}

	private void substitute(String importing, String file) {
		this.substitutes.computeIfAbsent(importing, (name) -> new LinkedHashSet<>()).add(file);
	}

	int size() {
		return this.files.size();
	}

	Collection<FileDescriptorProto> all() {
		return this.files.values();
	}

	/**
	 * Return the imports of which neither the file nor the reason of its absence is
	 * known.
	 */
	Set<String> unresolvedImports() {
		Set<String> unresolved = new LinkedHashSet<>();
		for (FileDescriptorProto file : this.files.values()) {
			for (String imported : file.getDependencyList()) {
				if (fileOf(imported) == null && !this.missing.containsKey(imported)) {
					unresolved.add(imported);
				}
			}
		}
		return unresolved;
	}

	/**
	 * Return the types to which files refer and that no known file defines. A file that
	 * defines a type of another file becomes one of its imports, because some servers
	 * leave imports out or name them differently.
	 */
	Set<String> unresolvedTypes() {
		Set<String> unresolved = new LinkedHashSet<>();
		for (FileDescriptorProto file : this.files.values()) {
			forEachReference(file, (reference) -> {
				Set<String> defining = definingFiles(file, reference);
				if (defining.isEmpty()) {
					unresolved.add(reference.startsWith(".") ? reference.substring(1) : reference);
				}
				else if (!defining.contains(file.getName())) {
					substitute(file.getName(), defining.iterator().next());
				}
			});
		}
		return unresolved;
	}

	/**
	 * Return the files that define a type. A reference without a dot in front of it is
	 * relative to the packages around it.
	 */
	private Set<String> definingFiles(FileDescriptorProto file, String reference) {
		if (reference.startsWith(".")) {
			return definingFiles(reference.substring(1));
		}
		for (String scope = file.getPackage(); !scope.isEmpty(); scope = scope.substring(0,
				Math.max(0, scope.lastIndexOf('.')))) {
			Set<String> defining = definingFiles(scope + "." + reference);
			if (!defining.isEmpty()) {
				return defining;
			}
		}
		return definingFiles(reference);
	}

	private Set<String> definingFiles(String type) {
		String wellKnown = WellKnownFiles.fileOf(type);
		return (wellKnown != null) ? Set.of(wellKnown) : this.types.getOrDefault(type, Set.of());
	}

	/**
	 * Return why the first missing import of a file is missing.
	 * @return name and reason, {@code null} if no import is missing
	 */
	@Nullable String missingImport(FileDescriptorProto file) {
		for (String imported : file.getDependencyList()) {
			String reason = this.missing.get(imported);
			if (reason != null) {
				return "import '" + imported + "' is missing: " + reason;
			}
		}
		return null;
	}

	/**
	 * Return the names of the files that a file imports.
	 */
	Set<String> imports(FileDescriptorProto file) {
		Set<String> imports = new LinkedHashSet<>();
		for (String imported : file.getDependencyList()) {
			String name = fileOf(imported);
			if (name != null) {
				imports.add(name);
			}
		}
		imports.addAll(this.substitutes.getOrDefault(file.getName(), Set.of()));
		return imports;
	}

	/**
	 * Return a file whose imports have the names of the files.
	 */
	FileDescriptorProto withImports(FileDescriptorProto file) {
		List<String> imports = new ArrayList<>(imports(file));
		FileDescriptorProto.Builder builder = file.toBuilder()
			.clearDependency()
			.clearPublicDependency()
			.clearWeakDependency()
			.addAllDependency(imports);
		for (int index : file.getPublicDependencyList()) {
			String name = (index >= 0 && index < file.getDependencyCount()) ? fileOf(file.getDependency(index)) : null;
			if (name != null) {
				builder.addPublicDependency(imports.indexOf(name));
			}
		}
		return builder.build();
	}

	private @Nullable String fileOf(String imported) {
		if (WellKnownFiles.isFile(imported) || this.files.containsKey(imported)) {
			return imported;
		}
		return this.aliases.get(imported);
	}

	/**
	 * Return the reason why a service is not described.
	 * @return the reason, {@code null} if a file describes the service
	 */
	@Nullable String undescribed(String service) {
		return this.undescribed.get(service);
	}

	/**
	 * Return the file that describes a service.
	 */
	@Nullable FileDescriptorProto describing(String service) {
		for (FileDescriptorProto file : this.files.values()) {
			String prefix = prefix(file);
			if (file.getServiceList().stream().anyMatch((candidate) -> service.equals(prefix + candidate.getName()))) {
				return file;
			}
		}
		return null;
	}

	/**
	 * Return a text that only equal collections share. The collection must not change any
	 * more.
	 */
	String fingerprint() {
		this.digest.update((this.services.toString() + this.aliases + this.missing.keySet() + this.substitutes
				+ this.undescribed.keySet())
			.getBytes(java.nio.charset.StandardCharsets.UTF_8));
		return HexFormat.of().formatHex(this.digest.digest());
	}

	private static String prefix(FileDescriptorProto file) {
		return file.getPackage().isEmpty() ? "" : file.getPackage() + ".";
	}

	/**
	 * Return the number of characters in the full names of all elements of a file.
	 */
	private static long sizeOfNames(FileDescriptorProto file) {
		long scope = file.getPackage().length() + 1;
		long size = sizeOfNames(scope, file.getEnumTypeList()) + sizeOfFieldNames(scope, file.getExtensionList());
		for (DescriptorProto message : file.getMessageTypeList()) {
			size += sizeOfNames(scope, message);
		}
		for (ServiceDescriptorProto service : file.getServiceList()) {
			long name = scope + service.getName().length() + 1;
			size += name;
			for (MethodDescriptorProto method : service.getMethodList()) {
				size += name + method.getName().length();
			}
		}
		return size;
	}

	private static long sizeOfNames(long scope, DescriptorProto message) {
		long name = scope + message.getName().length() + 1;
		long size = name + sizeOfNames(name, message.getEnumTypeList()) + sizeOfFieldNames(name, message.getFieldList())
				+ sizeOfFieldNames(name, message.getExtensionList());
		for (OneofDescriptorProto oneof : message.getOneofDeclList()) {
			size += name + oneof.getName().length();
		}
		for (DescriptorProto nested : message.getNestedTypeList()) {
			size += sizeOfNames(name, nested);
		}
		return size;
	}

	private static long sizeOfFieldNames(long scope, List<FieldDescriptorProto> fields) {
		long size = 0;
		for (FieldDescriptorProto field : fields) {
			size += scope + field.getName().length();
		}
		return size;
	}

	private static long sizeOfNames(long scope, List<EnumDescriptorProto> types) {
		long size = 0;
		for (EnumDescriptorProto type : types) {
			long name = scope + type.getName().length() + 1;
			size += name;
			for (EnumValueDescriptorProto value : type.getValueList()) {
				size += name + value.getName().length();
			}
		}
		return size;
	}

	private static void forEachType(FileDescriptorProto file, Consumer<String> types) {
		String prefix = prefix(file);
		file.getEnumTypeList().forEach((type) -> types.accept(prefix + type.getName()));
		file.getMessageTypeList().forEach((type) -> forEachType(prefix, type, types));
	}

	private static void forEachType(String prefix, DescriptorProto message, Consumer<String> types) {
		String name = prefix + message.getName();
		types.accept(name);
		for (EnumDescriptorProto type : message.getEnumTypeList()) {
			types.accept(name + "." + type.getName());
		}
		message.getNestedTypeList().forEach((type) -> forEachType(name + ".", type, types));
	}

	private static void forEachReference(FileDescriptorProto file, Consumer<String> types) {
		Consumer<String> named = (type) -> {
			// A field of a simple type refers to no type.
			if (!type.isEmpty()) {
				types.accept(type);
			}
		};
		file.getMessageTypeList().forEach((message) -> forEachReference(message, named));
		file.getExtensionList().forEach((field) -> forEachReference(field, named));
		file.getServiceList().forEach((service) -> service.getMethodList().forEach((method) -> {
			named.accept(method.getInputType());
			named.accept(method.getOutputType());
		}));
	}

	private static void forEachReference(DescriptorProto message, Consumer<String> types) {
		message.getFieldList().forEach((field) -> forEachReference(field, types));
		message.getExtensionList().forEach((field) -> forEachReference(field, types));
		message.getNestedTypeList().forEach((nested) -> forEachReference(nested, types));
	}

	private static void forEachReference(FieldDescriptorProto field, Consumer<String> types) {
		types.accept(field.getTypeName());
		types.accept(field.getExtendee());
	}

}
