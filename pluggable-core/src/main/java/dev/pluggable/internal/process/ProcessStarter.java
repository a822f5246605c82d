package dev.pluggable.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.pluggable.internal.support.DaemonThreads;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;

/**
 * Starts processes and keeps track of them. One thread starts all processes and lives as
 * long as the starter: {@code setpriv --pdeathsig} kills a process when the thread that
 * started the process ends. Safe for use by many threads.
 */
final class ProcessStarter implements AutoCloseable {

	private final RunDirectories directories;

	private final Executor executor;

	private final ProcessGuard guard;

	private final ThreadPoolExecutor thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS,
			new LinkedBlockingQueue<>(), DaemonThreads.numbered("pluggable-plugin-spawn-"));

	private final Set<PluginProcess> processes = ConcurrentHashMap.newKeySet();

	/**
	 * Create a starter.
	 * @param directories deletes the run directory of each process that has ended
	 * @param executor threads that may be blocked
	 */
	ProcessStarter(RunDirectories directories, Executor executor) {
		this.directories = directories;
		this.executor = executor;
		this.guard = new ProcessGuard(directories);
	}

	/**
	 * The processes that have not ended.
	 * @return a view
	 */
	Set<PluginProcess> processes() {
		return this.processes;
	}

	/**
	 * Start a process.
	 * @param settings settings of the plugin
	 * @param program the program
	 * @param directory run directory of the process
	 * @param variables environment of the process
	 * @param readers read the output of the process
	 * @return the process
	 * @throws PluginException if the system cannot start the process
	 */
	PluginProcess start(PluginSettings settings, Path program, Path directory, Map<String, String> variables,
			OutputReaders readers) throws InterruptedException {
		ProcessBuilder builder = builder(settings, program, directory, variables);
		CompletableFuture<PluginProcess> started = new CompletableFuture<>();
		this.thread.execute(() -> {
			try {
				started.complete(start(builder, settings, directory, readers));
			}
			catch (IOException ex) {
				started.completeExceptionally(LaunchFailures.of(settings,
						"cannot be started: " + ex.getMessage() + " (" + PluginProgram.describe(program) + ")"));
			}
			catch (RuntimeException | Error ex) {
				started.completeExceptionally(ex);
			}
		});
		try {
			return started.get();
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof PluginException failure) {
				throw failure;
			}
			throw new IllegalStateException(ex.getCause());
		}
	}

	private ProcessBuilder builder(PluginSettings settings, Path program, Path directory,
			Map<String, String> variables) {
		Path workingDirectory = settings.workingDirectory();
		if (workingDirectory != null && !Files.isDirectory(workingDirectory)) {
			throw LaunchFailures.lasting(settings,
					"cannot be started: its 'working-directory' '" + workingDirectory + "' is not a folder");
		}
		List<String> arguments = settings.command().subList(1, settings.command().size());
		ProcessBuilder builder = new ProcessBuilder()
			.command(guarded(settings,
					Stream.of(ProcessWrapper.ofSystem(), List.of(program.toString()), arguments)
						.flatMap(List::stream)
						.toList()))
			.directory(((workingDirectory != null) ? workingDirectory : directory).toFile())
			.redirectInput(Path.of("/dev/null").toFile());
		try {
			builder.environment().clear();
			builder.environment().putAll(variables);
		}
		catch (IllegalArgumentException ex) {
			throw LaunchFailures.lasting(settings, "has an invalid variable in 'environment' or an invalid "
					+ "'handshake.cookie-key': a name must not contain '=', and nothing may contain the character 0");
		}
		return builder;
	}

	private List<String> guarded(PluginSettings settings, List<String> command) {
		try {
			return this.guard.wrap(command);
		}
		catch (IOException ex) {
			throw LaunchFailures.cannotStart(settings, ex);
		}
	}

	private PluginProcess start(ProcessBuilder builder, PluginSettings settings, Path directory, OutputReaders readers)
			throws IOException {
		Process started = this.guard.start(builder);
		try {
			PluginProcess process = PluginProcess.launched(settings, started, this.guard.means(), directory,
					this.directories, readers, this.executor);
			this.processes.add(process);
			process.ended().thenRun(() -> this.processes.remove(process));
			return process;
		}
		catch (RuntimeException | Error ex) {
			OwnedProcess.started(started).kill();
			throw ex;
		}
	}

	/**
	 * End the thread. The processes must have ended.
	 */
	@Override
	public void close() {
		this.thread.shutdown();
		PluginLauncher.awaitThreads(this.thread);
	}

}
