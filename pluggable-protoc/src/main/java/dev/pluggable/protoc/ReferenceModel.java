package dev.pluggable.protoc;

import java.util.List;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.pluggable.proto.contract.v1.ContractProto.Reference;

/**
 * A field that stands for an object.
 *
 * @param path the fields that lead to it, from the request or response; the last one is
 * the field itself
 * @param name the name of the Java parameter
 * @param target the contract of the object
 * @param option the option of the field
 */
record ReferenceModel(List<FieldDescriptor> path, String name, ContractModel target, Reference option) {

	FieldDescriptor field() {
		return this.path.get(this.path.size() - 1);
	}

}
