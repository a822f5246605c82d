package dev.pluggable.internal.reflection;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.pluggable.internal.support.LogText;
import org.jspecify.annotations.Nullable;

/**
 * Links the files that describe services. A file that cannot be linked harms only the
 * services that need it. Servers that sent the same files share the result. Safe for use
 * by many threads; links the files of one server at a time.
 */
final class DescriptorLinker {

	private static final int MAX_SHARED = 16;

	/**
	 * Large descriptions are not kept, because nobody may use them any more.
	 */
	private static final int MAX_SHARED_FILES = 50;

	private static final int MAX_TEXT = 300;

	private final Map<String, ReflectedServices> shared = new LinkedHashMap<>(MAX_SHARED, 0.75f, true) {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, ReflectedServices> eldest) {
			return size() > MAX_SHARED;
		}

	};

	/**
	 * Link the files of a server.
	 * @param files the files
	 * @return the services, and the reasons why services are not described
	 */
	synchronized ReflectedServices link(DescriptorFiles files) {
		String fingerprint = files.fingerprint();
		ReflectedServices known = this.shared.get(fingerprint);
		if (known != null) {
			return known;
		}
		ReflectedServices linked = new Linking(files).link();
		if (files.size() <= MAX_SHARED_FILES) {
			this.shared.put(fingerprint, linked);
		}
		return linked;
	}

	/**
	 * Links the files of one server.
	 */
	private static final class Linking {

		private final DescriptorFiles files;

		private final Map<String, FileDescriptor> linked = new LinkedHashMap<>(WellKnownFiles.all());

		private final Map<String, String> problems = new HashMap<>();

		Linking(DescriptorFiles files) {
			this.files = files;
		}

		ReflectedServices link() {
			List<FileDescriptorProto> waiting = new ArrayList<>(this.files.all());
			boolean progress = true;
			while (progress) {
				progress = false;
				for (Iterator<FileDescriptorProto> each = waiting.iterator(); each.hasNext();) {
					if (tryLink(each.next())) {
						each.remove();
						progress = true;
					}
				}
			}
			waiting.forEach((file) -> this.problems.put(file.getName(), "its imports form a cycle"));
			Map<String, ServiceDescriptor> services = new HashMap<>();
			Map<String, String> missing = new HashMap<>();
			for (String name : this.files.services()) {
				ServiceDescriptor service = find(name);
				if (service != null) {
					services.put(name, service);
				}
				else {
					missing.put(name, LogText.oneLine(problem(name), MAX_TEXT));
				}
			}
			return new ReflectedServices(services, missing, List.copyOf(this.linked.values()));
		}

		/**
		 * Link a file if its imports are linked.
		 * @return whether the outcome is known
		 */
		private boolean tryLink(FileDescriptorProto file) {
			Set<String> imports = this.files.imports(file);
			for (String name : imports) {
				if (this.problems.containsKey(name)) {
					// Each importing file repeats the text.
					this.problems.put(file.getName(), LogText
						.oneLine("import '" + name + "' cannot be used: " + this.problems.get(name), MAX_TEXT));
					return true;
				}
			}
			if (!this.linked.keySet().containsAll(imports)) {
				return false;
			}
			FileDescriptor[] dependencies = imports.stream()
				.map((name) -> Objects.requireNonNull(this.linked.get(name)))
				.toArray(FileDescriptor[]::new);
			try {
				this.linked.put(file.getName(), FileDescriptor.buildFrom(this.files.withImports(file), dependencies));
			}
			catch (DescriptorValidationException | RuntimeException | StackOverflowError ex) {
				String missing = this.files.missingImport(file);
				this.problems.put(file.getName(), (missing != null) ? missing : "it is not valid: " + ex.getMessage());
			}
			return true;
		}

		private @Nullable ServiceDescriptor find(String name) {
			FileDescriptorProto file = this.files.describing(name);
			FileDescriptor descriptor = (file != null) ? this.linked.get(file.getName()) : null;
			return (descriptor != null) ? descriptor.findServiceByName(name.substring(name.lastIndexOf('.') + 1))
					: null;
		}

		private String problem(String service) {
			FileDescriptorProto file = this.files.describing(service);
			if (file != null) {
				return "file '" + file.getName() + "': " + this.problems.get(file.getName());
			}
			String reason = this.files.undescribed(service);
			return (reason != null) ? reason : "no file that the server sent contains it";
		}

	}

}
