package dev.pluggable.internal.process;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pluggable.plugin.PluginGuard;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
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

	/**
	 * The time between two looks at the guards of a process that was killed.
	 */
	private static final Duration GUARD = Duration.ofSeconds(1);

	private final String name;

	private final ProcessHandle handle;

	private final @Nullable OwnedProcess owned;

	private final @Nullable Process process;

	private final AtomicBoolean guardsAwaited = new AtomicBoolean();

	private final @Nullable PluginGuard guard;

	private final Instant startedAt;

	private final Executor executor;

	private final @Nullable ProcessOutput output;

	private final CompletableFuture<Integer> exited;

	private final CompletableFuture<Void> ended;

	private PluginProcess(String name, ProcessHandle handle, @Nullable OwnedProcess owned, @Nullable Process process,
			@Nullable PluginGuard guard, Executor executor, @Nullable ProcessOutput output,
			CompletionStage<Integer> exited, Runnable whenExited) {
		this.name = name;
		this.handle = handle;
		this.owned = owned;
		this.process = process;
		this.guard = guard;
		this.startedAt = handle.info().startInstant().orElseGet(Instant::now);
		this.executor = executor;
		this.output = output;
		this.exited = exited.toCompletableFuture();
		this.ended = this.exited.thenRunAsync(whenExited, executor).exceptionally((ex) -> {
			logger.warn("Cannot clean up after plugin '{}': {}", name, ex.toString());
			return null;
		});
	}

	/**
	 * Look after a launched process: read its output until the process ends, then kill
	 * its descendants and delete its directory.
	 * @param settings settings of the plugin
	 * @param process the process, with pipes for its output
	 * @param guard the means by which its descendants end
	 * @param directory its run directory
	 * @param directories deletes the directory
	 * @param readers read the output
	 * @param executor threads that may be blocked: two until the process ends
	 * @return the process
	 */
	static PluginProcess launched(PluginSettings settings, Process process, PluginGuard guard, Path directory,
			RunDirectories directories, OutputReaders readers, Executor executor) {
		String name = settings.name();
		ProcessOutput output = new ProcessOutput(name, process, settings.protocol() == PluginProtocol.GO_PLUGIN,
				readers, executor);
		return new PluginProcess(name, process.toHandle(), OwnedProcess.started(process), process, guard, executor,
				output, process.onExit().thenApply(Process::exitValue), () -> {
					killDescendants(name, directory, process.pid());
					output.awaitEnd();
					directories.delete(directory);
				});
	}

	/**
	 * Look after a process that somebody else has started.
	 * @param name name of the plugin
	 * @param handle the process
	 * @param owned the process, if it ends with the plugin; {@code null} if it is left
	 * alone
	 * @param executor threads that may be blocked
	 * @return the process
	 */
	static PluginProcess attached(String name, ProcessHandle handle, @Nullable OwnedProcess owned, Executor executor) {
		// The application can be its own plugin in a test, and nobody sees its own end.
		CompletableFuture<ProcessHandle> exited = handle.equals(ProcessHandle.current()) ? new CompletableFuture<>()
				: handle.onExit();
		return new PluginProcess(name, handle, owned, null, null, executor, null,
				exited.thenApply((ended) -> UNKNOWN_EXIT_CODE), () -> {
				});
	}

	/**
	 * Kill the descendants. The id of the process is the id of its session.
	 */
	private static void killDescendants(String name, Path directory, long pid) {
		String marker = directory.toString();
		List<OwnedProcess> left = MarkedProcesses.kill(marker::equals,
				ProcessWrapper.beginsSession() ? pid : MarkedProcesses.NO_SESSION);
		if (!left.isEmpty()) {
			logger.warn("Cannot kill processes {}, started by plugin '{}'", left, name);
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
	 * The means by which the descendants of the process end.
	 * @return the means, {@code null} for a process that somebody else has started
	 */
	public @Nullable PluginGuard guard() {
		return this.guard;
	}

	/**
	 * The output of the process.
	 * @return the output, {@code null} for a process that somebody else has started
	 */
	@Nullable ProcessOutput output() {
		return this.output;
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
	 * @return {@code false} for a process that is left alone: the application has
	 * attached to it as a test, or could not verify that it is the peer of its connection
	 */
	public boolean mayKill() {
		return this.owned != null;
	}

	/**
	 * Whether the process has exited. Descendants and output may be left.
	 * @return {@code true} if so
	 */
	public boolean hasExited() {
		return this.exited.isDone();
	}

	/**
	 * Whether the process lives at this moment, as the system tells. The system knows the
	 * end of a process earlier than {@link #hasExited()}.
	 * @return {@code false} once the process has ended
	 */
	public boolean isAlive() {
		return !hasExited() && this.handle.isAlive() && !ProcessGuard.isZombie(pid());
	}

	/**
	 * Kill the process and its descendants. A process that is left alone counts as ended.
	 * @return {@link #ended()}
	 */
	public CompletionStage<Void> kill() {
		OwnedProcess owned = this.owned;
		if (owned == null) {
			leave();
			return ended();
		}
		execute(() -> {
			// The system does not know the descendants of a process that has ended.
			List<OwnedProcess> descendants = owned.descendants();
			owned.kill();
			descendants.forEach(OwnedProcess::kill);
			if (this.guardsAwaited.compareAndSet(false, true)) {
				awaitGuards();
			}
		});
		return ended();
	}

	/**
	 * The guards tell the exit. Somebody may have stopped them.
	 */
	private void awaitGuards() {
		if (this.process instanceof GuardedProcess guarded) {
			this.exited.copy()
				.completeOnTimeout(UNKNOWN_EXIT_CODE, GUARD.toMillis(), TimeUnit.MILLISECONDS)
				.thenRun(() -> {
					if (!hasExited()) {
						guarded.killStoppedGuard();
						awaitGuards();
					}
				});
		}
	}

	/**
	 * Let the process live. It counts as ended from then on. Only for a process that
	 * somebody else has started.
	 */
	public void leave() {
		this.ended.complete(null);
	}

	/**
	 * Send the signal {@code SIGTERM} to the process, unless it is left alone.
	 */
	public void terminate() {
		if (this.owned != null) {
			execute(this.owned::terminate);
		}
	}

	private void execute(Runnable task) {
		try {
			this.executor.execute(task);
		}
		catch (RejectedExecutionException ex) {
			task.run();
		}
	}

	/**
	 * Kill the process after a grace period, unless the process exits before.
	 * @param grace the grace period
	 * @return {@link #ended()}
	 */
	public CompletionStage<Void> end(Duration grace) {
		if (this.owned == null) {
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
