package dev.pluggable.internal.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import dev.pluggable.plugin.PluginGuard;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a guard between the application and each plugin: a shell that waits for the
 * plugin, ends all descendants of the plugin after the plugin has ended, and ends the
 * plugin with all its descendants when the application ends, however it ends. A guard
 * that is a subreaper starts a second guard, and the plugin is the child of that one: if
 * somebody kills one of them, the other one ends the plugin with all its descendants.
 * Safe for use by many threads.
 */
final class ProcessGuard {

	private static final Logger logger = LoggerFactory.getLogger(ProcessGuard.class);

	private static final char NO_STATE = '-';

	private static final char ZOMBIE = 'Z';

	private static final char STOPPED = 'T';

	private static final int TEST_CODE = 5;

	private static final long TEST_SECONDS = 20;

	private static final long FIND_NANOS = TimeUnit.SECONDS.toNanos(10);

	private static final long FIND_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

	private final RunDirectories directories;

	private @Nullable PluginGuard means;

	/**
	 * Create a guard, which finds out about the system when the first plugin starts.
	 * @param directories keeps the files of the guard
	 */
	ProcessGuard(RunDirectories directories) {
		this.directories = directories;
	}

	/**
	 * The means by which nothing of a plugin outlives the application on this system.
	 */
	synchronized PluginGuard means() {
		PluginGuard means = this.means;
		if (means == null) {
			means = find();
			this.means = means;
			if (means == PluginGuard.SUBREAPER) {
				logger.info("When the application ends, {}", means.description());
			}
			else {
				logger.warn("When the application ends, {}", means.description());
			}
		}
		return means;
	}

	private static boolean guards(PluginGuard means) {
		return means == PluginGuard.SUBREAPER || means == PluginGuard.DESCENDANTS;
	}

	private PluginGuard find() {
		for (PluginGuard means : PluginGuard.values()) {
			if (works(means)) {
				return means;
			}
		}
		return PluginGuard.NONE;
	}

	/**
	 * The command line that starts a command under the guard.
	 * @param command the command
	 * @return the command line; the command itself if the system has no guard
	 * @throws IOException if the files of the guard cannot be written
	 */
	List<String> wrap(List<String> command) throws IOException {
		return wrap(means(), command);
	}

	private List<String> wrap(PluginGuard means, List<String> command) throws IOException {
		if (!guards(means)) {
			return command;
		}
		String setsid = program("setsid");
		List<String> line = new ArrayList<>(List.of(setsid));
		List<String> second = List.of("", "");
		if (means == PluginGuard.SUBREAPER) {
			byte[] program = ReaperProgram.of(System.getProperty("os.arch"));
			if (program == null) {
				throw new IOException("there is no guard for the processor " + System.getProperty("os.arch"));
			}
			String subreaper = this.directories.tool("guard", program).toString();
			line.add(subreaper);
			second = List.of(setsid, subreaper);
		}
		else {
			line.addAll(List.of(program("setpriv"), "--pdeathsig", "CONT"));
		}
		line.addAll(List.of(program("sh"), this.directories.tool("guard.sh", script()).toString(),
				Long.toString(ProcessHandle.current().pid())));
		line.addAll(second);
		line.addAll(command);
		return line;
	}

	private static String program(String name) throws IOException {
		return ProcessWrapper.program(name).orElseThrow(() -> new IOException("the system has no '" + name + "'"));
	}

	private static byte[] script() throws IOException {
		try (InputStream in = Objects.requireNonNull(ProcessGuard.class.getResourceAsStream("guard.sh"))) {
			return in.readAllBytes();
		}
	}

	/**
	 * Try the means out with a process whose child hides: the child has a session of its
	 * own, and its parent ends.
	 */
	private boolean works(PluginGuard means) {
		if (!guards(means)) {
			return means == PluginGuard.NONE || ProcessWrapper.diesWithParent();
		}
		if (!Files.isReadable(children(ProcessHandle.current().pid()))) {
			return false;
		}
		String marker = "guard:" + UUID.randomUUID();
		Process process = null;
		try {
			ProcessBuilder builder = new ProcessBuilder(wrap(means,
					List.of(program("sh"), "-c",
							"(" + program("setsid") + " sleep 1000 > /dev/null 2>&1 & echo $!); exit " + TEST_CODE)))
				.redirectError(ProcessBuilder.Redirect.DISCARD);
			builder.environment().put(MarkedProcesses.MARKER, marker);
			process = builder.start();
			long hidden;
			try (BufferedReader output = process.inputReader()) {
				hidden = Long.parseLong(String.valueOf(output.readLine()).strip());
			}
			boolean ended = process.waitFor(TEST_SECONDS, TimeUnit.SECONDS) && process.exitValue() == TEST_CODE;
			boolean found = !isRunning(hidden);
			if (!found) {
				MarkedProcesses.kill(marker::equals);
			}
			return ended && (found || means == PluginGuard.DESCENDANTS);
		}
		catch (IOException | NumberFormatException ex) {
			logger.debug("There is no {} on this system", means.name(), ex);
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
		finally {
			if (process != null) {
				OwnedProcess.started(process).kill();
			}
		}
	}

	private static boolean isRunning(long pid) {
		char state = state(pid);
		return state != NO_STATE && state != ZOMBIE;
	}

	/**
	 * Tell whether a process has ended, and its parent has not noticed.
	 */
	static boolean isZombie(long pid) {
		return state(pid) == ZOMBIE;
	}

	/**
	 * Tell whether a process is stopped, such as by {@code SIGSTOP}.
	 */
	static boolean isStopped(long pid) {
		return state(pid) == STOPPED;
	}

	private static char state(long pid) {
		try {
			String status = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
			// The name of a program may have parentheses. The state follows.
			return status.charAt(status.lastIndexOf(')') + 2);
		}
		catch (IOException ex) {
			// The system has no such file, or the process has ended.
			return NO_STATE;
		}
	}

	/**
	 * Start a command line of {@link #wrap(List)}.
	 * @param builder builds the process
	 * @return the process, whose id is that of the plugin
	 * @throws IOException if the system cannot start the process
	 */
	Process start(ProcessBuilder builder) throws IOException {
		Process started = builder.start();
		return switch (means()) {
			case SUBREAPER -> {
				ProcessHandle second = firstChild(started, started.toHandle());
				yield new GuardedProcess(started, second, firstChild(started, second));
			}
			case DESCENDANTS ->
				new GuardedProcess(started, started.toHandle(), firstChild(started, started.toHandle()));
			case DEATH_SIGNAL, NONE -> started;
		};
	}

	/**
	 * The file with the children of a process. Some systems do not have such files.
	 */
	private static Path children(long pid) {
		return Path.of("/proc", Long.toString(pid), "task", Long.toString(pid), "children");
	}

	/**
	 * Find the first child of a guard: the second guard, or the plugin.
	 * @param guard the first guard
	 * @param parent the guard whose child is looked for
	 * @return the child; the first guard if that has ended already
	 */
	private static ProcessHandle firstChild(Process guard, ProcessHandle parent) {
		Path children = children(parent.pid());
		long start = System.nanoTime();
		while (guard.isAlive() && System.nanoTime() - start < FIND_NANOS) {
			try {
				Optional<ProcessHandle> first = Stream.of(Files.readString(children).split(" "))
					.filter((child) -> !child.isBlank())
					.findFirst()
					.flatMap((child) -> ProcessHandle.of(Long.parseLong(child)));
				if (first.isPresent()) {
					return first.get();
				}
			}
			catch (IOException ex) {
				// The parent has ended.
			}
			LockSupport.parkNanos(FIND_PAUSE_NANOS);
		}
		return guard.toHandle();
	}

}
