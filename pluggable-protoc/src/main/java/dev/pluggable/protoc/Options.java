package dev.pluggable.protoc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.pluggable.proto.contract.v1.ContractProto;
import dev.pluggable.proto.contract.v1.ContractProto.Contract;
import dev.pluggable.proto.contract.v1.ContractProto.ObjectType;
import dev.pluggable.proto.contract.v1.ContractProto.Overlay;
import dev.pluggable.proto.contract.v1.ContractProto.Reference;
import dev.pluggable.proto.contract.v1.ContractProto.Role;
import org.jspecify.annotations.Nullable;

/**
 * The options of a run: those of the {@code .proto} files, and those of overlays, which
 * come first.
 */
final class Options {

	private final Map<String, Overlay.Field> fields = new HashMap<>();

	private final Map<String, Overlay.Method> methods = new HashMap<>();

	private final Map<String, Overlay.Service> services = new HashMap<>();

	private final List<ObjectGroup> groups = new ArrayList<>();

	/**
	 * Where overlays name something.
	 */
	private final Map<String, Location> locations = new HashMap<>();

	Options(Iterable<FileDescriptor> files, List<OverlayFile> overlays, Faults faults) {
		for (FileDescriptor file : files) {
			for (ObjectType group : file.getOptions().getExtension(ContractProto.object)) {
				this.groups.add(new ObjectGroup(group, file.getPackage(), file, new Location(file.getName(), 0, 0)));
			}
		}
		for (OverlayFile file : overlays) {
			add(file, faults);
		}
	}

	private void add(OverlayFile file, Faults faults) {
		Overlay overlay = file.overlay();
		for (int i = 0; i < overlay.getFieldCount(); i++) {
			Overlay.Field field = overlay.getField(i);
			add(this.fields, field.getName(), field, file.location("field", i), faults);
		}
		for (int i = 0; i < overlay.getMethodCount(); i++) {
			Overlay.Method method = overlay.getMethod(i);
			add(this.methods, method.getName(), method, file.location("method", i), faults);
		}
		for (int i = 0; i < overlay.getServiceCount(); i++) {
			Overlay.Service service = overlay.getService(i);
			add(this.services, service.getName(), service, file.location("service", i), faults);
		}
		for (int i = 0; i < overlay.getObjectCount(); i++) {
			ObjectType group = overlay.getObject(i);
			int dot = group.getName().lastIndexOf('.');
			this.groups.add(new ObjectGroup(group.toBuilder().setName(group.getName().substring(dot + 1)).build(),
					(dot < 0) ? "" : group.getName().substring(0, dot), null, file.location("object", i)));
		}
	}

	private <T> void add(Map<String, T> options, String name, T option, Location location, Faults faults) {
		if (options.put(name, option) != null) {
			faults.add(location, "'" + name + "' is here twice: keep one of both");
		}
		this.locations.put(name, location);
	}

	/**
	 * Note a fault for each name of an overlay that is not in the files.
	 */
	void verify(Map<String, GenericDescriptor> known, Faults faults) {
		verify(this.fields, known, FieldDescriptor.class, "field", faults);
		verify(this.methods, known, MethodDescriptor.class, "method", faults);
		verify(this.services, known, ServiceDescriptor.class, "service", faults);
	}

	private void verify(Map<String, ?> options, Map<String, GenericDescriptor> known, Class<?> type, String what,
			Faults faults) {
		for (String name : options.keySet()) {
			GenericDescriptor found = known.get(name);
			if (!type.isInstance(found)) {
				faults.add(this.locations.getOrDefault(name, new Location("overlay", 0, 0)),
						(found == null)
								? "There is no " + what + " '" + name
										+ "' in the files of this run: give its full name, with the package"
								: "'" + name + "' is no " + what);
			}
		}
	}

	@Nullable Reference reference(FieldDescriptor field) {
		Overlay.Field overlay = this.fields.get(field.getFullName());
		if (overlay != null) {
			return overlay.getReference();
		}
		return field.getOptions().hasExtension(ContractProto.reference)
				? field.getOptions().getExtension(ContractProto.reference) : null;
	}

	Role role(MethodDescriptor method) {
		Overlay.Method overlay = this.methods.get(method.getFullName());
		return (overlay != null) ? overlay.getRole() : method.getOptions().getExtension(ContractProto.role);
	}

	/**
	 * The Java name of a method.
	 * @return the name, empty for the default
	 */
	String javaMethod(MethodDescriptor method) {
		Overlay.Method overlay = this.methods.get(method.getFullName());
		return (overlay != null) ? overlay.getJavaMethod() : method.getOptions().getExtension(ContractProto.javaMethod);
	}

	Contract contract(ServiceDescriptor service) {
		Overlay.Service overlay = this.services.get(service.getFullName());
		return (overlay != null) ? overlay.getContract() : service.getOptions().getExtension(ContractProto.contract);
	}

	/**
	 * The objects with several services.
	 */
	List<ObjectGroup> groups() {
		return this.groups;
	}

	/**
	 * The place that decides about something: that in the overlay, or else that in its
	 * {@code .proto}.
	 */
	Location location(GenericDescriptor descriptor) {
		Location location = this.locations.get(descriptor.getFullName());
		return (location != null) ? location : Location.of(descriptor);
	}

	/**
	 * An object with several services.
	 *
	 * @param type its services
	 * @param protoPackage the package of its name
	 * @param file the file that has the option, {@code null} for an overlay
	 * @param location the place of the option
	 */
	record ObjectGroup(ObjectType type, String protoPackage, @Nullable FileDescriptor file, Location location) {

		String fullName() {
			return this.protoPackage.isEmpty() ? this.type.getName() : this.protoPackage + "." + this.type.getName();
		}

	}

}
