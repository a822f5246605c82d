package dev.pluggable.sample.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import dev.pluggable.fixtures.ComponentProcess;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A component in another language: its sources, and the tools that build and run it.
 *
 * @param sources the folder of the sources
 */
record Counterpart(Path sources) {

	static Counterpart of(String name) {
		return new Counterpart(Path.of("..", "components", name).toAbsolutePath().normalize());
	}

	/**
	 * Run a tool to its end and verify its success. The tool prints into a file, so that
	 * the output of the tests stays clean.
	 */
	void run(String... command) throws Exception {
		Process process = new ProcessBuilder(command).directory(this.sources.toFile())
			.redirectErrorStream(true)
			.start();
		process.getOutputStream().close();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as("exit status of %s, which printed %s", List.of(command), output).isZero();
	}

	/**
	 * Build a program in Go.
	 * @return the program, in the folder
	 */
	Path goBuild(Path folder) throws Exception {
		Path program = folder.resolve("program");
		run("go", "build", "-mod=readonly", "-o", program.toString(), ".");
		return program;
	}

	/**
	 * Run the tests of the component.
	 */
	void goTest() throws Exception {
		run("go", "vet", "-mod=readonly", "./...");
		run("go", "test", "-mod=readonly", "./...");
	}

	/**
	 * Start the component with its socket in a folder.
	 */
	ComponentProcess start(Path folder, String... command) {
		ProcessBuilder builder = new ProcessBuilder(command).directory(this.sources.toFile());
		builder.environment().put("DAPR_COMPONENT_SOCKETS_FOLDER", folder.toString());
		return ComponentProcess.start(builder);
	}

}
