package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Java program beside this one, which ends at the latest when this one does. Closing it
 * kills it.
 */
final class ServerProcess implements AutoCloseable {

	/** A program says this, and more on the same line, when it can be used. */
	static final String LISTENING = "listening ";

	/** Options with which newer JVMs say nothing of what Netty and Protobuf do. */
	static final List<String> NO_WARNINGS = List.of("-XX:+IgnoreUnrecognizedVMOptions",
			"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

	private final Process process;

	private final BufferedReader output;

	private final String details;

	private ServerProcess(Process process, BufferedReader output, String details) {
		this.process = process;
		this.output = output;
		this.details = details;
	}

	/**
	 * Start a main class of this class path, and wait until it listens.
	 */
	static ServerProcess start(Class<?> main, List<String> jvmOptions, String... arguments) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(java().toString());
		command.addAll(NO_WARNINGS);
		command.addAll(jvmOptions);
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
		command.addAll(List.of(arguments));
		return start(new ProcessBuilder(command));
	}

	/**
	 * Start a command, and wait until it says that it listens.
	 */
	static ServerProcess start(ProcessBuilder builder) throws IOException {
		Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
		BufferedReader output = process.inputReader();
		for (String line = output.readLine(); line != null; line = output.readLine()) {
			if (line.startsWith(LISTENING)) {
				return new ServerProcess(process, output, line.substring(LISTENING.length()));
			}
		}
		process.destroyForcibly();
		throw new IOException("The program ended before it listened: " + builder.command());
	}

	static Path java() {
		return Path.of(System.getProperty("java.home"), "bin", "java");
	}

	/**
	 * What the program said beside that it listens.
	 */
	String details() {
		return this.details;
	}

	/**
	 * Say a line to the program, and wait for what it answers.
	 */
	String ask(String line) throws IOException {
		Writer input = this.process.outputWriter();
		input.write(line + "\n");
		input.flush();
		String answer = this.output.readLine();
		if (answer == null) {
			throw new IOException("The program has ended");
		}
		return answer;
	}

	long pid() {
		return this.process.pid();
	}

	/**
	 * Let the program end by itself, which it does when its input has ended.
	 */
	void finish() throws IOException, InterruptedException {
		this.process.outputWriter().close();
		this.process.waitFor(10, TimeUnit.SECONDS);
	}

	/**
	 * As {@code kill -9} does it.
	 */
	@Override
	public void close() {
		this.process.destroyForcibly();
		try {
			if (!this.process.waitFor(10, TimeUnit.SECONDS)) {
				throw new IllegalStateException("Process " + this.process.pid() + " cannot be killed");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
