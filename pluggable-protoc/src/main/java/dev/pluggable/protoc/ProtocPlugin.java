package dev.pluggable.protoc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.JavaFeaturesProto;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import dev.pluggable.proto.contract.v1.ContractProto;

/**
 * The program that protoc starts. It reads a {@code CodeGeneratorRequest} from its
 * standard input and writes a {@code CodeGeneratorResponse} to its standard output.
 * <p>
 * The parameter {@code overlay=<path>} names a file in protobuf's text format that holds
 * an {@code Overlay}, see {@code pluggable/contract.proto}. A relative path begins in the
 * working directory of protoc. The parameter may be repeated.
 *
 * @since 0.1.0
 */
public final class ProtocPlugin {

	private ProtocPlugin() {
	}

	/**
	 * Generate the contracts of one run of protoc. What is wrong in a {@code .proto} or
	 * an overlay becomes the error of the response.
	 * @param args none
	 * @throws IOException if the standard input or output is closed
	 */
	public static void main(String[] args) throws IOException {
		run(System.in, System.out);
	}

	static void run(InputStream in, OutputStream out) throws IOException {
		generate(CodeGeneratorRequest.parseFrom(in, registry())).writeTo(out);
		out.flush();
	}

	static CodeGeneratorResponse generate(CodeGeneratorRequest request) {
		return new Generator(request).generate();
	}

	/**
	 * The extensions of options that the generator reads.
	 */
	static ExtensionRegistry registry() {
		ExtensionRegistry registry = ExtensionRegistry.newInstance();
		ContractProto.registerAllExtensions(registry);
		JavaFeaturesProto.registerAllExtensions(registry);
		return registry;
	}

}
