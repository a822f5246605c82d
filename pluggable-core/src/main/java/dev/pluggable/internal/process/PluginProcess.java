package dev.pluggable.internal.process;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process of a plugin and all its descendants. Safe for use by many threads.
 */
public final class PluginProcess {

	/**
	 * Exit code of a process that somebody else has started: the system does not tell it.
	 */
	public static final int UNKNOWN_EXIT_CODE = -1;

	private static final Logger logger = LoggerFactory.getLogger(PluginProcess.class);

	/**
	 * The longest time between the exit of a process and its {@link #gone()}.
	 */
	private static final Duration GONE = Duration.ofMillis(500);

	private final String name;

	private final ProcessHandle handle;

	private final Optional<Instant> recordedStart;

	private final Instant startedAt;

	private final boolean mayKill;

	private final Executor executor;

	private final CompletableFuture<@Nullable String> firstLine;

	private final CompletableFuture<Integer> exited;

	private final CompletableFuture<Void> ended;

	private PluginProcess(String name, ProcessHandle handle, boolean mayKill, Executor executor,
			CompletableFuture<@Nullable String> firstLine, CompletionStage<Integer> exited, Runnable whenExited) {
		this.name = name;
		this.handle = handle;
		this.recordedStart = handle.info().startInstant();
		this.startedAt = this.recordedStart.orElseGet(Instant::now);
		this.mayKill = mayKill;
		this.executor = executor;
		this.firstLine = firstLine;
		this.exited = exited.toCompletableFuture();
		this.ended = this.exited.thenRunAsync(whenExited, executor).exceptionally((ex) -> {
			logger.warn("Cannot clean up after plugin '{}': {}", name, ex.toString());
			return null;
		});
	}

	/**
	 * Look after a launched process: read its output until the process ends, then kill
	 * its descendants and delete its directory.
	 * @param name name of the plugin
	 * @param process the process, with pipes for its output
	 * @param directory its run directory
	 * @param directories deletes the directory
	 * @param firstLine whether to keep the first line of standard output and to discard
	 * the rest; otherwise {@code output} reads standard output
	 * @param output reads standard error on a thread of its own, and returns at the end
	 * @param executor threads that may be blocked: two until the process ends
	 * @return the process
	 */
	static PluginProcess launched(String name, Process process, Path directory, RunDirectories directories,
			boolean firstLine, Consumer<InputStream> output, Executor executor) {
		ProcessOutput read = new ProcessOutput(name, process, firstLine, output, executor);
		return new PluginProcess(name, process.toHandle(), true, executor, read.firstLine(),
				process.onExit().thenApply(Process::exitValue), () -> {
					killDescendants(name, directory, process.pid());
					read.awaitEnd();
					directories.delete(directory);
				});
	}

	/**
	 * Look after a process that somebody else has started.
	 * @param name name of the plugin
	 * @param handle the process
	 * @param mayKill whether the process ends with the plugin
	 * @param executor threads that may be blocked
	 * @return the process
	 */
	static PluginProcess attached(String name, ProcessHandle handle, boolean mayKill, Executor executor) {
		// The application can be its own plugin in a test, and nobody sees its own end.
		CompletableFuture<ProcessHandle> exited = handle.equals(ProcessHandle.current()) ? new CompletableFuture<>()
				: handle.onExit();
		return new PluginProcess(name, handle, mayKill, executor, new CompletableFuture<>(),
				exited.thenApply((ended) -> UNKNOWN_EXIT_CODE), () -> {
				});
	}

	/**
	 * The id of the process is the id of its session. The system does not reuse the id
	 * while the session has members.
	 */
	private static void killDescendants(String name, Path directory, long pid) {
		String marker = directory.toString();
		List<ProcessHandle> left = MarkedProcesses.kill(marker::equals,
				ProcessWrapper.beginsSession() ? pid : MarkedProcesses.NO_SESSION);
		if (!left.isEmpty()) {
			logger.warn("Cannot kill {}, started by plugin '{}'", left, name);
		}
	}

	/**
	 * Id of the process.
	 * @return the id
	 */
	public long pid() {
		return this.handle.pid();
	}

	/**
	 * Start of the process.
	 * @return the time that the system tells, or the time of this object without one
	 */
	public Instant startedAt() {
		return this.startedAt;
	}

	/**
	 * The first line of standard output.
	 * @return completes with the line, or with {@code null} if the output ends without
	 * one; fails with an {@link java.io.IOException} if the line is too long
	 */
	CompletableFuture<@Nullable String> firstLine() {
		return this.firstLine.copy();
	}

	/**
	 * The exit of the process.
	 * @return completes with the exit code: 128 plus the number of the signal if a signal
	 * killed the process, {@link #UNKNOWN_EXIT_CODE} if somebody else has started it
	 */
	public CompletionStage<Integer> exited() {
		return this.exited.minimalCompletionStage();
	}

	/**
	 * The complete end of the process.
	 * @return completes after {@link #exited()}, when all descendants are gone, all
	 * output is read and the run directory is deleted; never fails
	 */
	CompletionStage<Void> ended() {
		return this.ended.minimalCompletionStage();
	}

	/**
	 * The complete end of the process, or half a second after its exit if the end takes
	 * longer.
	 * @return completes with the exit code, {@link #UNKNOWN_EXIT_CODE} for a process that
	 * is left alone
	 */
	public CompletionStage<Integer> gone() {
		CompletableFuture<Void> late = this.exited
			.thenCompose((code) -> this.ended.copy().completeOnTimeout(null, GONE.toMillis(), TimeUnit.MILLISECONDS));
		return CompletableFuture.anyOf(this.ended, late).thenApply((done) -> this.exited.getNow(UNKNOWN_EXIT_CODE));
	}

	/**
	 * Whether the process ends with the plugin.
	 * @return {@code false} for a process that was attached to as a test: it is left
	 * alone
	 */
	public boolean mayKill() {
		return this.mayKill;
	}

	/**
	 * Whether the process has exited. Descendants and output may be left.
	 * @return {@code true} if so
	 */
	public boolean hasExited() {
		return this.exited.isDone();
	}

	/**
	 * Kill the process and its descendants. A process that is left alone counts as ended.
	 * @return {@link #ended()}
	 */
	public CompletionStage<Void> kill() {
		if (!this.mayKill) {
			this.ended.complete(null);
			return ended();
		}
		try {
			this.executor.execute(this::killTree);
		}
		catch (RejectedExecutionException ex) {
			killTree();
		}
		return ended();
	}

	/**
	 * Send the signal {@code SIGTERM} to the process.
	 */
	public void terminate() {
		if (!this.mayKill) {
			return;
		}
		try {
			this.executor.execute(() -> {
				if (isSameProcess()) {
					this.handle.destroy();
				}
			});
		}
		catch (RejectedExecutionException ex) {
			logger.debug("{} is being killed", this, ex);
		}
	}

	private void killTree() {
		// The system does not know the descendants of a process that has ended.
		List<ProcessHandle> descendants = isSameProcess() ? this.handle.descendants().toList() : List.of();
		if (isSameProcess()) {
			this.handle.destroyForcibly();
		}
		descendants.forEach(ProcessHandle::destroyForcibly);
	}

	/**
	 * Whether the id still belongs to this process: the system reuses ids.
	 */
	private boolean isSameProcess() {
		return this.handle.isAlive() && this.handle.info().startInstant().equals(this.recordedStart);
	}

	/**
	 * Kill the process after a grace period, unless the process exits before.
	 * @param grace the grace period
	 * @return {@link #ended()}
	 */
	public CompletionStage<Void> end(Duration grace) {
		if (!this.mayKill) {
			return kill();
		}
		return this.exited.copy()
			.completeOnTimeout(UNKNOWN_EXIT_CODE, grace.toNanos(), TimeUnit.NANOSECONDS)
			.thenCompose((code) -> this.exited.isDone() ? ended() : kill());
	}

	@Override
	public String toString() {
		return "plugin '" + this.name + "', process " + pid();
	}

}
