package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentType;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.HostSettings;

/**
 * An endpoint with a state store and a pub/sub, and the process behind the endpoint. The
 * program starts the processes in the socket folder; the host starts the launched
 * processes.
 */
final class SoakComponent {

	private final String name;

	private final Path program;

	private final Path data;

	private final Path socket;

	private final boolean launched;

	private final List<Process> started = new ArrayList<>();

	/** At most one fault at a time concerns a component. */
	private final Semaphore free = new Semaphore(1);

	private volatile boolean changing;

	private volatile long hanging;

	/**
	 * Create a component whose process does not run yet.
	 * @param name name of the endpoint
	 * @param program the program
	 * @param data the data folder
	 * @param sockets the socket folder
	 * @param launched whether the host launches the process
	 */
	SoakComponent(String name, Path program, Path data, Path sockets, boolean launched) {
		this.name = name;
		this.program = program;
		this.data = data;
		this.socket = sockets.resolve(name + ".sock");
		this.launched = launched;
	}

	String name() {
		return this.name;
	}

	String stateName() {
		return this.name + "-state";
	}

	String pubSubName() {
		return this.name + "-pubsub";
	}

	boolean launched() {
		return this.launched;
	}

	Path data() {
		return this.data;
	}

	Path socket() {
		return this.socket;
	}

	Semaphore free() {
		return this.free;
	}

	/**
	 * Return the command of a launched process.
	 */
	List<String> command(String... options) {
		List<String> command = new ArrayList<>(List.of(this.program.toString(), "-data", this.data.toString()));
		command.addAll(List.of(options));
		return command;
	}

	List<ComponentDeclaration> declarations() {
		return List.of(declaration(stateName(), "state."), declaration(pubSubName(), "pubsub."));
	}

	private ComponentDeclaration declaration(String name, String prefix) {
		return new ComponentDeclaration(name, ComponentType.of(prefix + this.name), true, Map.of(),
				HostSettings.defaultComponentSettings());
	}

	/**
	 * Start a process in the socket folder, which takes the socket over from an earlier
	 * one.
	 */
	synchronized void start() throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command("-child", "-socket", this.socket.toString()));
		builder.redirectErrorStream(true);
		builder.redirectOutput(ProcessBuilder.Redirect.appendTo(this.data.resolve("output").toFile()));
		this.started.add(builder.start());
	}

	/**
	 * Return the id of the process that listened last.
	 * @return the id, 0 if no process has listened yet
	 */
	long pid() {
		try {
			return Long.parseLong(Files.readString(this.data.resolve("listening")));
		}
		catch (NoSuchFileException ex) {
			return 0;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	Truth truth() {
		boolean changing = this.changing;
		long pid = pid();
		boolean alive = pid != 0 && Processes.isAlive(pid);
		if (!alive) {
			return Truth.DEAD;
		}
		if (changing) {
			return Truth.CHANGING;
		}
		return (this.hanging == pid) ? Truth.HANGING : Truth.SERVING;
	}

	/**
	 * Tell that the process is about to end or to run again, or that this is over.
	 */
	void changing(boolean changing) {
		this.changing = changing;
	}

	/**
	 * Wait until a process other than the given one listens.
	 * @return whether such a process listens in time
	 */
	boolean awaitListening(long otherThan, long millis) throws InterruptedException {
		return Waits.until(millis, () -> pid() != otherThan && truth() == Truth.SERVING);
	}

	/**
	 * Stop the process until {@link #resume(long)}.
	 */
	void hang(long pid) throws IOException, InterruptedException {
		this.changing = true;
		Processes.signal(pid, "STOP");
		this.hanging = pid;
		this.changing = false;
	}

	void resume(long pid) throws IOException, InterruptedException {
		this.changing = true;
		this.hanging = 0;
		if (Processes.isAlive(pid)) {
			Processes.signal(pid, "CONT");
		}
		this.changing = false;
	}

	void age(String age) throws IOException {
		if (age.isEmpty()) {
			Files.deleteIfExists(this.data.resolve("age"));
		}
		else {
			Files.writeString(this.data.resolve("age"), age);
		}
	}

	void fullDisk(boolean full) throws IOException {
		if (full) {
			Files.createFile(this.data.resolve("full"));
		}
		else {
			Files.deleteIfExists(this.data.resolve("full"));
		}
	}

	/**
	 * Kill all processes in the socket folder that this program started.
	 */
	synchronized void close() throws InterruptedException {
		for (Process process : this.started) {
			process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
		}
	}

	/**
	 * Wait for the end of a process in the socket folder that this program started.
	 */
	synchronized void forget(long pid) throws InterruptedException {
		for (Process process : this.started) {
			if (process.pid() == pid && !process.waitFor(10, TimeUnit.SECONDS)) {
				throw new IllegalStateException("Process " + pid + " of '" + this.name + "' does not end");
			}
		}
		this.started.removeIf((process) -> process.pid() == pid);
	}

	@Override
	public String toString() {
		return this.name;
	}

}
