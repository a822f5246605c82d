package dev.pluggable.benchmarks.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A component with a process of its own. The program starts the processes in the socket
 * folder; the host starts the launched processes.
 */
final class SoakComponent extends Target {

	/** Programs that cannot serve, as their contents. */
	private static final List<String> BROKEN = List.of("no program at all", "#!/bin/sh\nexit 3\n",
			"#!/bin/sh\necho '9|9|tcp|nowhere|grpc'\nexec sleep 3\n", "#!/bin/sh\nexec sleep 3\n");

	/** The number of ways to break a program. */
	static final int WAYS_TO_BREAK = BROKEN.size() + 2;

	/** A process can survive so many successors that do not work. */
	private static final int SUCCESSORS = 5;

	private final Path original;

	private final Path program;

	private final Path data;

	private final Path socket;

	/** The properties of the plugin; {@code null} if the host launches no process. */
	private final @Nullable Map<String, String> plugin;

	private final List<Process> started = new ArrayList<>();

	private volatile boolean changing;

	private volatile long hanging;

	/**
	 * Create a component whose process does not run yet.
	 * @param name name of the endpoint
	 * @param original the program
	 * @param folder the folder for the data and for a link to the program
	 * @param sockets the socket folder
	 * @param plugin the properties of the plugin; {@code null} if the host launches no
	 * process
	 */
	SoakComponent(String name, Path original, Path folder, Path sockets, @Nullable Map<String, String> plugin)
			throws IOException {
		super(name);
		this.original = original;
		this.program = folder.resolve("program");
		this.data = Files.createDirectories(folder.resolve("data"));
		this.socket = sockets.resolve(name + ".sock");
		this.plugin = plugin;
		mendProgram();
	}

	@Override
	boolean launched() {
		return this.plugin != null;
	}

	/**
	 * Tell whether the application's restart ends the process before the next one starts.
	 */
	boolean stopsFirst() {
		return this.plugin != null && "stop-first".equals(this.plugin.get("restart.mode"));
	}

	Path data() {
		return this.data;
	}

	Path socket() {
		return this.socket;
	}

	@Override
	Map<String, Object> properties() {
		Map<String, Object> properties = new HashMap<>(super.properties());
		if (this.plugin != null) {
			String prefix = "pluggable.plugins." + name() + ".";
			List<String> command = command();
			for (int i = 0; i < command.size(); i++) {
				properties.put(prefix + "command[" + i + "]", command.get(i));
			}
			this.plugin.forEach((key, value) -> properties.put(prefix + key, value));
		}
		return properties;
	}

	private List<String> command(String... options) {
		List<String> command = new ArrayList<>(List.of(this.program.toString(), "-data", this.data.toString()));
		command.addAll(List.of(options));
		return command;
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
	 * Return the id of the living process that listened last.
	 * @return the id, 0 if no process lives
	 */
	long pid() {
		try {
			List<String> pids = Files.readAllLines(this.data.resolve("listening"));
			for (int i = pids.size() - 1; i >= 0 && i >= pids.size() - SUCCESSORS; i--) {
				long pid = Long.parseLong(pids.get(i));
				if (Processes.isAlive(pid)) {
					return pid;
				}
			}
			return 0;
		}
		catch (NoSuchFileException ex) {
			return 0;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	Truth truth() {
		boolean changing = this.changing;
		long pid = pid();
		if (pid == 0) {
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
	 * Tell whether a process other than the given one listens.
	 */
	boolean isServedByOther(long than) {
		return pid() != than && truth() == Truth.SERVING;
	}

	/**
	 * Stop the process until {@link #resume(long)}.
	 */
	void hang(long pid) throws IOException, InterruptedException {
		this.changing = true;
		try {
			Processes.signal(pid, "STOP");
			this.hanging = pid;
		}
		finally {
			this.changing = false;
		}
	}

	/**
	 * Let a process run again, unless the host has killed it.
	 */
	void resume(long pid) throws IOException, InterruptedException {
		this.changing = true;
		try {
			this.hanging = 0;
			Processes.signal(pid, "CONT");
		}
		finally {
			this.changing = false;
		}
	}

	void age(String age) throws IOException {
		if (age.isEmpty()) {
			Files.deleteIfExists(this.data.resolve("age"));
		}
		else {
			Files.writeString(this.data.resolve("age"), age);
		}
	}

	/**
	 * Let each process end at its start, or not any more.
	 */
	void crashAtStart(boolean crash) throws IOException {
		if (crash) {
			Files.createFile(this.data.resolve("crash"));
		}
		else {
			Files.deleteIfExists(this.data.resolve("crash"));
		}
	}

	/**
	 * Replace the program by one that does not work. Processes that run are not affected.
	 * @param way number of the way to break the program, below {@link #WAYS_TO_BREAK}
	 */
	void breakProgram(int way) throws IOException {
		if (way == BROKEN.size() + 1) {
			Files.delete(this.program);
			return;
		}
		boolean executable = way < BROKEN.size();
		Path next = this.program.resolveSibling("next");
		Files.write(next, BROKEN.get(way % BROKEN.size()).getBytes(StandardCharsets.UTF_8));
		Files.setPosixFilePermissions(next, PosixFilePermissions.fromString(executable ? "rwx------" : "rw-------"));
		Files.move(next, this.program, StandardCopyOption.REPLACE_EXISTING);
	}

	void mendProgram() throws IOException {
		Path next = this.program.resolveSibling("next");
		Files.createLink(next, this.original);
		Files.move(next, this.program, StandardCopyOption.REPLACE_EXISTING);
		// A move does nothing if both are links to one file.
		Files.deleteIfExists(next);
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
				throw new IllegalStateException("Process " + pid + " of '" + name() + "' does not end");
			}
		}
		this.started.removeIf((process) -> process.pid() == pid);
	}

}
