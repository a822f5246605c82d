package dev.pluggable.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A program that a test starts, stops, lets go on and kills. Closing it kills it.
 */
public final class ComponentProcess implements AutoCloseable {

	private final Process process;

	private final List<String> output = new CopyOnWriteArrayList<>();

	private final Thread reader;

	private ComponentProcess(ProcessBuilder builder) {
		try {
			this.process = builder.redirectErrorStream(true).start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.reader = new Thread(this::read, "component-output");
		this.reader.setDaemon(true);
		this.reader.start();
	}

	/**
	 * Start any command.
	 */
	public static ComponentProcess start(ProcessBuilder builder) {
		return new ComponentProcess(builder);
	}

	/**
	 * Start a main class of this class path in a Java process of its own.
	 */
	public static ComponentProcess java(Class<?> main, String... arguments) {
		List<String> command = new ArrayList<>(List.of(
				Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
				"-XX:+UseSerialGC", "-Xshare:auto", "-cp", System.getProperty("java.class.path"), main.getName()));
		command.addAll(List.of(arguments));
		return new ComponentProcess(new ProcessBuilder(command));
	}

	/**
	 * Start a state store of its own process on a socket.
	 */
	public static ComponentProcess stateStore(Path socket) {
		return java(StateComponentMain.class, socket.toString());
	}

	private void read() {
		try (BufferedReader lines = this.process.inputReader()) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				this.output.add(line);
			}
		}
		catch (IOException ex) {
			// Ended.
		}
	}

	/**
	 * What the program has printed.
	 */
	public List<String> output() {
		return this.output;
	}

	public long pid() {
		return this.process.pid();
	}

	/**
	 * Kill it as {@code kill -9} does, and wait until it is dead.
	 */
	public void kill() {
		this.process.destroyForcibly();
		awaitEnd();
	}

	/**
	 * Hang it, as a debugger or a machine that swaps does.
	 */
	public void suspend() {
		signal("STOP");
	}

	public void resume() {
		signal("CONT");
	}

	private void signal(String name) {
		try {
			int status = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
			if (status != 0) {
				throw new IllegalStateException("kill -" + name + " ended with " + status);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void awaitEnd() {
		try {
			if (!this.process.waitFor(10, TimeUnit.SECONDS)) {
				throw new IllegalStateException("Process " + pid() + " cannot be killed");
			}
			this.reader.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		kill();
	}

}
