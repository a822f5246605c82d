package dev.pluggable.internal.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process of a plugin, with all that it has started. Safe for use by many threads.
 */
public final class PluginProcess {

	/**
	 * Exit code of a process that somebody else has started, which we are not told.
	 */
	public static final int UNKNOWN_EXIT_CODE = -1;

	private static final Logger logger = LoggerFactory.getLogger(PluginProcess.class);

	/**
	 * How long the end of a process is kept back for what belongs to it to end as well.
	 */
	private static final Duration GONE = Duration.ofMillis(500);

	private static final int MAX_FIRST_LINE = 64 * 1024;

	private static final int BUFFER = 8 * 1024;

	/**
	 * How long what the process wrote last may take to be read. It is all in the pipe
	 * already; only a descendant that hides can keep the pipe open.
	 */
	private static final Duration PUMPS_END = Duration.ofSeconds(2);

	private final String name;

	private final ProcessHandle handle;

	private final Optional<Instant> recordedStart;

	private final Instant startedAt;

	private final boolean mayKill;

	private final Executor executor;

	private final CompletableFuture<@Nullable String> firstLine = new CompletableFuture<>();

	private final CompletableFuture<Integer> exited;

	private final CompletableFuture<Void> ended;

	private PluginProcess(String name, ProcessHandle handle, boolean mayKill, Executor executor,
			CompletionStage<Integer> exited, Runnable whenExited) {
		this.name = name;
		this.handle = handle;
		this.recordedStart = handle.info().startInstant();
		this.startedAt = this.recordedStart.orElseGet(Instant::now);
		this.mayKill = mayKill;
		this.executor = executor;
		this.exited = exited.toCompletableFuture();
		this.ended = this.exited.thenRunAsync(whenExited, executor).exceptionally((ex) -> {
			logger.warn("Cannot clear away after plugin '{}': {}", name, ex.toString());
			return null;
		});
	}

	/**
	 * Take care of a process that was just launched: its output is read until it ends,
	 * and then whatever it has started is killed and its directory deleted.
	 * @param name name of the plugin
	 * @param process the process, with pipes for its output
	 * @param directory its run directory
	 * @param directories who deletes the directory
	 * @param firstLine whether the first line of standard output is kept and the rest
	 * discarded; otherwise {@code output} gets that, too
	 * @param output gets standard error, in a thread of its own, and returns at its end
	 * @param executor threads that may be blocked: two for as long as the process lives
	 * @return the process
	 */
	static PluginProcess launched(String name, Process process, Path directory, RunDirectories directories,
			boolean firstLine, Consumer<InputStream> output, Executor executor) {
		CompletableFuture<Void> pumps = new CompletableFuture<>();
		PluginProcess launched = new PluginProcess(name, process.toHandle(), true, executor,
				process.onExit().thenApply(Process::exitValue), () -> {
					killRest(name, directory, process.pid());
					awaitPumps(name, pumps, process);
					directories.delete(directory);
				});
		CompletableFuture<Void> out = CompletableFuture.runAsync(() -> {
			if (firstLine) {
				launched.readFirstLine(process.getInputStream());
			}
			else {
				launched.pump(process.getInputStream(), output);
			}
		}, executor);
		CompletableFuture<Void> error = CompletableFuture
			.runAsync(() -> launched.pump(process.getErrorStream(), output), executor);
		CompletableFuture.allOf(out, error).whenComplete((result, ex) -> pumps.complete(null));
		return launched;
	}

	/**
	 * Take care of a process that somebody else has started.
	 * @param name name of the plugin
	 * @param handle the process
	 * @param mayKill whether it is ended with the plugin
	 * @param executor threads that may be blocked
	 * @return the process
	 */
	static PluginProcess attached(String name, ProcessHandle handle, boolean mayKill, Executor executor) {
		// Nobody sees the end of this process, which can be its own plugin in a test.
		CompletableFuture<ProcessHandle> exited = handle.equals(ProcessHandle.current()) ? new CompletableFuture<>()
				: handle.onExit();
		return new PluginProcess(name, handle, mayKill, executor, exited.thenApply((ended) -> UNKNOWN_EXIT_CODE),
				() -> {
				});
	}

	private void readFirstLine(InputStream in) {
		try (in) {
			ByteArrayOutputStream line = new ByteArrayOutputStream();
			byte[] buffer = new byte[BUFFER];
			for (int count = in.read(buffer); count != -1 && !this.firstLine.isDone(); count = in.read(buffer)) {
				int end = indexOfLineEnd(buffer, count);
				line.write(buffer, 0, (end != -1) ? end : count);
				if (end != -1) {
					this.firstLine.complete(line.toString(StandardCharsets.UTF_8));
				}
				else if (line.size() > MAX_FIRST_LINE) {
					this.firstLine.completeExceptionally(
							new IOException("its first line is longer than " + MAX_FIRST_LINE + " bytes"));
				}
			}
			this.firstLine.complete((line.size() > 0) ? line.toString(StandardCharsets.UTF_8) : null);
			in.transferTo(OutputStream.nullOutputStream());
		}
		catch (IOException ex) {
			logger.trace("Standard output of plugin '{}' was closed", this.name, ex);
		}
		finally {
			this.firstLine.complete(null);
		}
	}

	private static int indexOfLineEnd(byte[] buffer, int count) {
		for (int i = 0; i < count; i++) {
			if (buffer[i] == '\n') {
				return i;
			}
		}
		return -1;
	}

	/**
	 * Whatever becomes of the reader, the process must never wait for one.
	 */
	private void pump(InputStream in, Consumer<InputStream> output) {
		try (in) {
			try {
				output.accept(in);
			}
			catch (RuntimeException ex) {
				logger.warn("Output of plugin '{}' is no longer logged", this.name, ex);
			}
			in.transferTo(OutputStream.nullOutputStream());
		}
		catch (IOException ex) {
			logger.trace("Output of plugin '{}' was closed", this.name, ex);
		}
	}

	/**
	 * The number of the process is that of its session, and is not used again while there
	 * is anybody in it.
	 */
	private static void killRest(String name, Path directory, long pid) {
		String marker = directory.toString();
		List<ProcessHandle> left = MarkedProcesses.kill(marker::equals,
				ProcessWrapper.beginsSession() ? pid : MarkedProcesses.NO_SESSION);
		if (!left.isEmpty()) {
			logger.warn("Cannot kill {}, started by plugin '{}'", left, name);
		}
	}

	private static void awaitPumps(String name, CompletableFuture<Void> pumps, Process process) {
		try {
			pumps.get(PUMPS_END.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			logger.warn("A process that plugin '{}' has started and that cannot be found keeps its output open", name);
			close(process.getInputStream());
			close(process.getErrorStream());
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static void close(InputStream in) {
		try {
			in.close();
		}
		catch (IOException ex) {
			logger.trace("Cannot close a pipe", ex);
		}
	}

	/**
	 * Number of the process.
	 * @return its id
	 */
	public long pid() {
		return this.handle.pid();
	}

	/**
	 * When the process was started.
	 * @return the time, as the system knows it where possible
	 */
	public Instant startedAt() {
		return this.startedAt;
	}

	/**
	 * What it says first on standard output.
	 * @return completes with the line, or with {@code null} when there is none and never
	 * will be; fails with an {@link IOException} if it is too long
	 */
	CompletableFuture<@Nullable String> firstLine() {
		return this.firstLine.copy();
	}

	/**
	 * The end of the process.
	 * @return completes as soon as it has ended, with its exit code: 128 plus the number
	 * of the signal if it was killed, {@link #UNKNOWN_EXIT_CODE} if we did not launch it
	 */
	public CompletionStage<Integer> exited() {
		return this.exited.minimalCompletionStage();
	}

	/**
	 * The end of everything of the process.
	 * @return completes, after {@link #exited()}, when also what it has started is gone,
	 * all that it has written is read, and its directory is deleted; never fails
	 */
	CompletionStage<Void> ended() {
		return this.ended.minimalCompletionStage();
	}

	/**
	 * The end of the process for those who begin with the next one, or log it: what it
	 * wrote last is read, and what it has started is gone, unless that takes longer than
	 * half a second.
	 * @return completes with the exit code, {@link #UNKNOWN_EXIT_CODE} for a process that
	 * is left alone
	 */
	public CompletionStage<Integer> gone() {
		CompletableFuture<Void> late = this.exited
			.thenCompose((code) -> this.ended.copy().completeOnTimeout(null, GONE.toMillis(), TimeUnit.MILLISECONDS));
		return CompletableFuture.anyOf(this.ended, late).thenApply((done) -> this.exited.getNow(UNKNOWN_EXIT_CODE));
	}

	/**
	 * Whether we end the process; one that somebody else has started as a test is left
	 * alone.
	 * @return {@code true} if so
	 */
	public boolean mayKill() {
		return this.mayKill;
	}

	/**
	 * Whether the process has ended, whatever there is left of it.
	 * @return {@code true} if so
	 */
	public boolean hasExited() {
		return this.exited.isDone();
	}

	/**
	 * Kill the process and all that it has started. One that somebody else has started as
	 * a test is left alone, and has ended for us.
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
	 * Ask the process to end, by the signal that most programs end on in order.
	 */
	public void terminate() {
		if (!this.mayKill) {
			return;
		}
		try {
			this.executor.execute(() -> {
				if (isTheOne()) {
					this.handle.destroy();
				}
			});
		}
		catch (RejectedExecutionException ex) {
			logger.debug("{} is being killed", this, ex);
		}
	}

	private void killTree() {
		// The descendants come first: those of a process that has ended are not known.
		List<ProcessHandle> descendants = isTheOne() ? this.handle.descendants().toList() : List.of();
		if (isTheOne()) {
			this.handle.destroyForcibly();
		}
		descendants.forEach(ProcessHandle::destroyForcibly);
	}

	/**
	 * Numbers of processes are used again.
	 */
	private boolean isTheOne() {
		return this.handle.isAlive() && this.handle.info().startInstant().equals(this.recordedStart);
	}

	/**
	 * Let the process end by itself, and kill it if it does not.
	 * @param grace how long it may take
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
