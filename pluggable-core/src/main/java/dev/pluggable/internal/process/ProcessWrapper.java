package dev.pluggable.internal.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Programs of the system that set properties of a process which Java cannot set. Each
 * program replaces itself by the next one, so the process keeps its id. {@code setsid}
 * detaches the process from the terminal: Ctrl-C must not end a plugin before the
 * application ends it. {@code setpriv} kills the process when the thread that started it
 * ends, also when the application is killed.
 */
final class ProcessWrapper {

	private static final Logger logger = LoggerFactory.getLogger(ProcessWrapper.class);

	private static final List<Path> FOLDERS = List.of(Path.of("/usr/bin"), Path.of("/bin"));

	private static final String SETSID = "setsid";

	private static final String DEATH_SIGNAL = "--pdeathsig";

	private static final long TEST_SECONDS = 20;

	private ProcessWrapper() {
	}

	/**
	 * The wrappers that work on this system. The first call tries each wrapper out.
	 * @return the start of a command line, empty if no wrapper works
	 */
	static List<String> ofSystem() {
		return OfSystem.COMMAND;
	}

	/**
	 * Whether a process is killed when the thread that started it ends.
	 * @return {@code true} if {@link #ofSystem()} has {@code setpriv}
	 */
	static boolean diesWithParent() {
		return OfSystem.COMMAND.contains(DEATH_SIGNAL);
	}

	/**
	 * Whether each process begins a session. Its descendants stay in the session unless
	 * they begin their own.
	 * @return {@code true} if {@link #ofSystem()} has {@code setsid}
	 */
	static boolean beginsSession() {
		return OfSystem.COMMAND.stream().anyMatch((word) -> word.endsWith("/" + SETSID));
	}

	private static List<String> find() {
		List<String> command = new ArrayList<>();
		program("true").ifPresent((probe) -> {
			program(SETSID).map(List::of).filter((wrapper) -> works(wrapper, probe)).ifPresent(command::addAll);
			program("setpriv").map((setpriv) -> List.of(setpriv, DEATH_SIGNAL, "KILL"))
				.filter((wrapper) -> works(wrapper, probe))
				.ifPresent(command::addAll);
		});
		logger.debug("Plugins are launched by {}", command);
		return List.copyOf(command);
	}

	/**
	 * Find a program of the system.
	 * @param name name of the program
	 * @return path of the program, empty if the system has none
	 */
	static Optional<String> program(String name) {
		return FOLDERS.stream()
			.map((folder) -> folder.resolve(name))
			.filter(Files::isExecutable)
			.map(Path::toString)
			.findFirst();
	}

	private static boolean works(List<String> wrapper, String probe) {
		ProcessBuilder builder = new ProcessBuilder(Stream.concat(wrapper.stream(), Stream.of(probe)).toList());
		File nowhere = new File("/dev/null");
		builder.redirectInput(nowhere).redirectOutput(nowhere).redirectError(nowhere);
		try {
			Process process = builder.start();
			try {
				return process.waitFor(TEST_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
			}
			finally {
				OwnedProcess.started(process).kill();
			}
		}
		catch (IOException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private static final class OfSystem {

		private static final List<String> COMMAND = find();

	}

}
