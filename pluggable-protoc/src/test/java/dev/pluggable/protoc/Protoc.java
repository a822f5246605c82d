package dev.pluggable.protoc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs protoc, which the build puts into the folder {@code target/protoc}, on files of a
 * test. The generator runs in this process.
 */
final class Protoc {

	private static final Path PROGRAMS = Path.of("target/protoc").toAbsolutePath();

	private static final List<String> INCLUDES = List.of("google/protobuf/any.proto",
			"google/protobuf/descriptor.proto", "google/protobuf/duration.proto", "google/protobuf/empty.proto",
			"google/protobuf/java_features.proto", "google/protobuf/struct.proto", "google/protobuf/timestamp.proto",
			"google/protobuf/wrappers.proto", "pluggable/contract.proto");

	private final Path sources;

	private final Path work;

	/**
	 * Run protoc on files.
	 * @param sources the folder with the {@code .proto} files
	 * @param work a folder for files of the run
	 */
	Protoc(Path sources, Path work) {
		this.sources = sources;
		this.work = work;
		for (String program : List.of("protoc.exe", "protoc-gen-grpc-java.exe")) {
			// Maven copies the files without this permission.
			assertThat(PROGRAMS.resolve(program).toFile().setExecutable(true)).as(program).isTrue();
		}
		try {
			for (String include : INCLUDES) {
				Path file = this.work.resolve("include").resolve(include);
				Files.createDirectories(file.getParent());
				try (InputStream content = Protoc.class.getClassLoader().getResourceAsStream(include)) {
					assertThat(content).as(include).isNotNull();
					Files.write(file, content.readAllBytes());
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Generate the messages, and the stubs of gRPC.
	 * @return the folder with the Java files
	 */
	Path stubs() {
		Path output = folder("stubs");
		run(List.of("--java_out=" + output, "--grpc-java_out=@generated=omit:" + output,
				"--plugin=protoc-gen-grpc-java=" + PROGRAMS.resolve("protoc-gen-grpc-java.exe")));
		return output;
	}

	/**
	 * Run the generator as protoc does.
	 * @param parameter the parameter of the generator
	 */
	CodeGeneratorResponse generate(String parameter) {
		Path set = this.work.resolve("descriptors.bin");
		run(List.of("--descriptor_set_out=" + set, "--include_imports", "--include_source_info"));
		try (InputStream in = Files.newInputStream(set)) {
			CodeGeneratorRequest request = CodeGeneratorRequest.newBuilder()
				.addAllFileToGenerate(files())
				.addAllProtoFile(FileDescriptorSet.parseFrom(in, ProtocPlugin.registry()).getFileList())
				.setParameter(parameter)
				.build();
			return ProtocPlugin.generate(request);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Generate the contracts.
	 * @return the folder with the Java files
	 */
	Path contracts(String parameter) {
		CodeGeneratorResponse response = generate(parameter);
		assertThat(response.getError()).isEmpty();
		Path output = folder("contracts");
		try {
			for (CodeGeneratorResponse.File file : response.getFileList()) {
				Path path = output.resolve(file.getName());
				Files.createDirectories(path.getParent());
				Files.writeString(path, file.getContent());
			}
			return output;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Path folder(String name) {
		try {
			return Files.createDirectories(this.work.resolve(name));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private List<String> files() {
		try (Stream<Path> files = Files.walk(this.sources)) {
			return files.map((file) -> this.sources.relativize(file).toString())
				.filter((file) -> file.endsWith(".proto"))
				.sorted()
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Run protoc with arguments.
	 * @return what protoc writes, after the exit code
	 */
	void run(List<String> arguments) {
		String output = start(arguments);
		assertThat(output).startsWith("0\n");
	}

	/**
	 * Run protoc with arguments.
	 * @return the exit code, and in the next lines what protoc writes
	 */
	String start(List<String> arguments) {
		List<String> command = new ArrayList<>(List.of(PROGRAMS.resolve("protoc.exe").toString(), "-I" + this.sources,
				"-I" + this.work.resolve("include")));
		command.addAll(arguments);
		command.addAll(files());
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(this.work.resolve("protoc.txt").toFile())
				.start();
			try {
				assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
			}
			finally {
				process.destroyForcibly();
			}
			return process.exitValue() + "\n"
					+ Files.readString(this.work.resolve("protoc.txt"), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(Arrays.toString(command.toArray()), ex);
		}
	}

}
