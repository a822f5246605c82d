package dev.pluggable.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A child process, usually a Java program, which ends at the latest with this process.
 * {@link #close()} kills the child process.
 */
final class ServerProcess implements AutoCloseable {

	/** Prefix of the line that a program prints when it is ready. */
	static final String LISTENING = "listening ";

	/** Options that suppress warnings of newer JVMs about Netty and Protobuf. */
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
	 * Start a main class of this class path, and wait until it is ready.
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
	 * Start a command, and wait until it is ready.
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
		throw new IOException("The program ended before it was ready: " + builder.command());
	}

	static Path java() {
		return Path.of(System.getProperty("java.home"), "bin", "java");
	}

	/**
	 * Return the rest of the line that the program printed when it was ready.
	 */
	String details() {
		return this.details;
	}

	/**
	 * Write a line to the program, and return the next line of its output.
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
	 * Close the input of the program, which ends it, and wait for its end.
	 */
	void finish() throws IOException, InterruptedException {
		this.process.outputWriter().close();
		this.process.waitFor(10, TimeUnit.SECONDS);
	}

	/**
	 * Kill the program, like {@code kill -9}.
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
