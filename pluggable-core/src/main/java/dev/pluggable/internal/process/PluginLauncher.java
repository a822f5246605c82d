package dev.pluggable.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.pluggable.internal.support.DaemonThreads;
import dev.pluggable.internal.transport.FileType;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginProtocol;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.ReattachSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches the processes of plugins, each for itself and at the same time. All of them
 * are started by one thread that lives as long as the launcher: where the system lets
 * processes die with their parent, that is the thread. Safe for use by many threads.
 */
public final class PluginLauncher implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(PluginLauncher.class);

	private static final long IDLE_THREAD_SECONDS = 5;

	/**
	 * How long the end of a process and that of its output may lie apart. A process that
	 * leaves a core dump takes its time.
	 */
	private static final Duration EXIT_AND_OUTPUT = Duration.ofSeconds(5);

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

	private static final Duration SOCKET_CHECK = Duration.ofMillis(20);

	private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(5);

	private static final int SIGNALLED = 128;

	private final RunDirectories directories;

	private final Transport transport;

	private final Map<String, String> environment;

	private final ThreadPoolExecutor spawner;

	private final ThreadPoolExecutor executor;

	private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();

	private final Set<PluginProcess> processes = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	/**
	 * Make a launcher.
	 * @param directories makes run directories; not closed by the launcher, and to be
	 * closed after it
	 * @param transport finds out whether sockets are listened on
	 */
	public PluginLauncher(RunDirectories directories, Transport transport) {
		this(directories, transport, System.getenv());
	}

	public PluginLauncher(RunDirectories directories, Transport transport, Map<String, String> environment) {
		this.directories = directories;
		this.transport = transport;
		this.environment = Map.copyOf(environment);
		this.spawner = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				DaemonThreads.numbered("pluggable-plugin-spawn-"));
		this.executor = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_THREAD_SECONDS, TimeUnit.SECONDS,
				new SynchronousQueue<>(), DaemonThreads.numbered("pluggable-plugin-"));
	}

	/**
	 * Start a process, or attach to one, and find out where it can be reached.
	 * @param settings settings of the plugin
	 * @param output gets what the process writes to standard error, and for the protocol
	 * {@link PluginProtocol#SOCKET} to standard output as well: each in a thread of its
	 * own, until the end
	 * @param clientCertificate certificate of the host (PEM), {@code null} without
	 * AutoMTLS
	 * @return completes when the process can be reached; fails with a
	 * {@link PluginException} if it cannot. Cancelling it kills the process. If it fails
	 * or is cancelled, that is told when the process and all that it has started is gone
	 */
	public CompletableFuture<PluginLaunch> launch(PluginSettings settings, Consumer<InputStream> output,
			@Nullable String clientCertificate) {
		if (settings.autoMtls() != (clientCertificate != null)) {
			throw new IllegalArgumentException("'clientCertificate' must be set if AutoMTLS is, and only then");
		}
		Attempt attempt = new Attempt(settings, output, clientCertificate);
		this.attempts.add(attempt);
		attempt.result.whenComplete(attempt::settled);
		try {
			this.executor.execute(attempt);
		}
		catch (RejectedExecutionException ex) {
			attempt.result.completeExceptionally(closing(settings));
			attempt.done();
		}
		catch (Error ex) {
			// There is no thread to be had.
			attempt.result.completeExceptionally(cannotStart(settings, ex));
			attempt.done();
		}
		if (this.closed) {
			attempt.result.completeExceptionally(closing(settings));
		}
		return attempt.told;
	}

	private static PluginException cannotStart(PluginSettings settings, Throwable cause) {
		return new PluginException(PluginHandshake.subject(settings) + " cannot be started: " + cause, cause);
	}

	private static PluginException closing(PluginSettings settings) {
		return PluginHandshake.failure(settings, "is not started, as the application is ending");
	}

	/**
	 * Kill all processes that were launched, and what they have started. Waits until they
	 * are gone, for at most a few seconds.
	 */
	@Override
	public void close() {
		this.closed = true;
		// Each one is over only when its process, if there is one, is among the others.
		this.attempts.forEach((attempt) -> attempt.result.completeExceptionally(closing(attempt.settings)));
		await(this.attempts.stream().map((attempt) -> attempt.over).toList());
		await(this.processes.stream().map(PluginProcess::kill).map(CompletionStage::toCompletableFuture).toList());
		this.processes.forEach((process) -> logger.warn("Cannot end {}", process));
		this.spawner.shutdown();
		this.executor.shutdown();
		awaitThreads(this.spawner);
		awaitThreads(this.executor);
	}

	private static void await(List<CompletableFuture<Void>> ends) {
		try {
			CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
				.get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.debug("Not all plugins have ended in time", ex);
		}
	}

	private static void awaitThreads(ExecutorService executor) {
		try {
			if (!executor.awaitTermination(1, TimeUnit.SECONDS)) {
				executor.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * One process from its settings to its address. The threads of it are blocked for as
	 * long as that takes.
	 */
	private final class Attempt implements Runnable {

		private final PluginSettings settings;

		private final Consumer<InputStream> output;

		private final @Nullable String clientCertificate;

		/**
		 * Completed by this attempt, or by who does not want it any more.
		 */
		private final CompletableFuture<PluginLaunch> result = new CompletableFuture<>();

		/**
		 * What is told of the result: what is not good when there is nothing left.
		 */
		private final CompletableFuture<PluginLaunch> told = new CompletableFuture<>() {

			@Override
			public boolean cancel(boolean mayInterrupt) {
				return Attempt.this.result.cancel(mayInterrupt);
			}

		};

		/**
		 * Completed when nothing of this attempt is going on any more.
		 */
		private final CompletableFuture<Void> over = new CompletableFuture<>();

		private @Nullable PluginProcess process;

		private boolean unwanted;

		private @Nullable Path program;

		Attempt(PluginSettings settings, Consumer<InputStream> output, @Nullable String clientCertificate) {
			this.settings = settings;
			this.output = output;
			this.clientCertificate = clientCertificate;
		}

		@Override
		public void run() {
			try {
				PluginLaunch launch = (this.settings.reattach() != null) ? attach(this.settings.reattach()) : launch();
				if (this.result.complete(launch)) {
					done();
				}
				else {
					fail(launch.process(), closing(this.settings));
				}
			}
			catch (PluginException ex) {
				fail(ex);
			}
			catch (InterruptedException ex) {
				fail(closing(this.settings));
			}
			catch (IOException | RuntimeException | Error ex) {
				fail(cannotStart(this.settings, ex));
			}
		}

		/**
		 * The failure is told when the process is gone, so that the next one does not
		 * meet it.
		 */
		private void fail(PluginException failure) {
			PluginProcess failed = process();
			if (failed != null) {
				fail(failed, failure);
			}
			else {
				this.result.completeExceptionally(failure);
				done();
			}
		}

		private void fail(PluginProcess failed, PluginException failure) {
			failed.kill()
				.toCompletableFuture()
				.orTimeout(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
				.whenComplete((end, ex) -> {
					this.result.completeExceptionally(failure);
					done();
				});
		}

		void done() {
			PluginLauncher.this.attempts.remove(this);
			this.over.complete(null);
		}

		private synchronized @Nullable PluginProcess process() {
			return this.process;
		}

		/**
		 * The attempt has an outcome. If it is not a good one, the process must not live.
		 */
		void settled(@Nullable PluginLaunch launch, @Nullable Throwable failure) {
			if (failure == null) {
				this.told.complete(launch);
				return;
			}
			PluginProcess process;
			synchronized (this) {
				this.unwanted = true;
				process = this.process;
			}
			if (process != null) {
				process.kill();
			}
			this.over.thenRun(() -> this.told.completeExceptionally(failure));
		}

		/**
		 * There is a process now.
		 * @throws PluginException if nobody wants it any more
		 */
		private void started(PluginProcess process) {
			synchronized (this) {
				this.process = process;
				if (!this.unwanted) {
					return;
				}
			}
			process.kill();
			throw closing(this.settings);
		}

		private PluginLaunch launch() throws IOException, InterruptedException {
			boolean socket = this.settings.protocol() == PluginProtocol.SOCKET;
			Path directory = PluginLauncher.this.directories.create(this.settings.name());
			boolean spawned = false;
			boolean verified = false;
			PluginProcess process;
			try {
				Map<String, String> variables = PluginEnvironment.of(this.settings, PluginLauncher.this.environment,
						directory, this.clientCertificate);
				Path program = PluginProgram.find(this.settings, variables);
				this.program = program;
				String checksum = this.settings.checksum();
				if (checksum != null) {
					new ExecutableChecksum(this.settings, checksum).verify(program);
					verified = true;
				}
				if (socket) {
					Files.createDirectory(PluginEnvironment.socketFolder(directory),
							PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
				}
				process = spawn(program, directory, variables, !socket);
				spawned = true;
			}
			finally {
				if (!spawned) {
					PluginLauncher.this.directories.delete(directory);
				}
			}
			started(process);
			long deadline = System.nanoTime() + this.settings.startTimeout().toNanos();
			if (socket) {
				Path path = awaitSocket(process, directory, deadline);
				return new PluginLaunch(process, directory, UnixDomainSocketAddress.of(path), null, null, verified);
			}
			PluginHandshake handshake = PluginHandshake.parse(this.settings, awaitLine(process, deadline));
			return new PluginLaunch(process, directory, handshake.address(), handshake.protocolVersion(),
					handshake.certificate(), verified);
		}

		private PluginProcess spawn(Path program, Path directory, Map<String, String> variables, boolean firstLine)
				throws InterruptedException {
			Path workingDirectory = this.settings.workingDirectory();
			if (workingDirectory != null && !Files.isDirectory(workingDirectory)) {
				throw PluginHandshake.failure(this.settings, "cannot be started, as its 'working-directory' '"
						+ workingDirectory + "' is not there or not a folder");
			}
			ProcessBuilder builder = new ProcessBuilder()
				.directory(((workingDirectory != null) ? workingDirectory : directory).toFile())
				.redirectInput(Path.of("/dev/null").toFile());
			try {
				builder.environment().clear();
				builder.environment().putAll(variables);
			}
			catch (IllegalArgumentException ex) {
				throw PluginHandshake
					.failure(this.settings, "has a variable in 'environment' or a 'handshake.cookie-key' "
							+ "that the system cannot take: no name may hold '=', and nothing the character with the code 0");
			}
			CompletableFuture<PluginProcess> spawned = new CompletableFuture<>();
			PluginLauncher.this.spawner.execute(() -> {
				try {
					spawned.complete(start(builder, program, directory, firstLine));
				}
				catch (IOException ex) {
					spawned.completeExceptionally(PluginHandshake.failure(this.settings,
							"cannot be started: " + ex.getMessage() + " (" + PluginProgram.describe(program) + ")"));
				}
				catch (RuntimeException | Error ex) {
					spawned.completeExceptionally(ex);
				}
			});
			try {
				return spawned.get();
			}
			catch (ExecutionException ex) {
				if (ex.getCause() instanceof PluginException failure) {
					throw failure;
				}
				throw new IllegalStateException(ex.getCause());
			}
		}

		private PluginProcess start(ProcessBuilder builder, Path program, Path directory, boolean firstLine)
				throws IOException {
			List<String> arguments = this.settings.command().subList(1, this.settings.command().size());
			builder.command(Stream.of(ProcessWrapper.ofSystem(), List.of(program.toString()), arguments)
				.flatMap(List::stream)
				.toList());
			Process started = builder.start();
			try {
				PluginProcess process = PluginProcess.launched(this.settings.name(), started, directory,
						PluginLauncher.this.directories, firstLine, this.output, PluginLauncher.this.executor);
				PluginLauncher.this.processes.add(process);
				process.ended().thenRun(() -> PluginLauncher.this.processes.remove(process));
				return process;
			}
			catch (RuntimeException | Error ex) {
				started.destroyForcibly();
				throw ex;
			}
		}

		/**
		 * There are the line, the end of standard output, and the end of the process, in
		 * any order; what is said must not depend on it. The line counts before all else.
		 */
		private String awaitLine(PluginProcess process, long deadline) throws InterruptedException {
			CompletableFuture<@Nullable String> line = process.firstLine();
			CompletableFuture<Integer> exit = process.exited().toCompletableFuture();
			if (!settles(CompletableFuture.anyOf(line, exit, this.result), deadline - System.nanoTime())) {
				throw PluginHandshake.failure(this.settings, "has not said within " + this.settings.startTimeout()
						+ " where it can be reached, and was killed: see what it has logged, raise 'start-timeout', or "
						+ "set 'protocol' to 'socket' if it is no go-plugin");
			}
			if (this.result.isDone()) {
				throw closing(this.settings);
			}
			settles(line, EXIT_AND_OUTPUT.toNanos());
			String text = textOf(line);
			if (text != null) {
				return text;
			}
			settles(CompletableFuture.anyOf(exit, this.result), EXIT_AND_OUTPUT.toNanos());
			if (this.result.isDone()) {
				throw closing(this.settings);
			}
			if (exit.isDone()) {
				throw exitedTooEarly(exit.join());
			}
			throw PluginHandshake.failure(this.settings, "has closed its standard output without having said where "
					+ "it can be reached, and was killed: is it a go-plugin?");
		}

		private @Nullable String textOf(CompletableFuture<@Nullable String> line) {
			try {
				return line.getNow(null);
			}
			catch (CompletionException ex) {
				Throwable cause = ex.getCause();
				throw PluginHandshake.failure(this.settings, "does not begin with go-plugin's handshake: "
						+ ((cause != null) ? cause.getMessage() : ex.getMessage()));
			}
		}

		private PluginException exitedTooEarly(int exitCode) {
			return exited(exitCode, "said where it can be reached", advice(exitCode));
		}

		private String advice(int exitCode) {
			String log = "see what it has logged";
			if (exitCode > SIGNALLED) {
				return "it was killed by signal " + (exitCode - SIGNALLED) + "; " + log;
			}
			return switch (exitCode) {
				case 1 -> {
					String key = this.settings.handshake().cookieKey();
					yield log + ". A go-plugin also ends so if it does not find its cookie, "
							+ (key.isEmpty() ? "and none is set in 'handshake.cookie-key' and 'handshake.cookie-value'"
									: "so compare its own with 'handshake.cookie-key' (" + key
											+ ") and 'handshake.cookie-value'");
				}
				case 126, 127 ->
					"it, or what it calls, was not found or could not be run; check the interpreter in its "
							+ "first line, its libraries, PATH in 'environment', permissions, and for which processor it was "
							+ "built (" + ((this.program != null) ? PluginProgram.describe(this.program) : "") + ")";
				default -> log + ", and whether it is a go-plugin and gets the variables and arguments that it needs";
			};
		}

		private static boolean settles(CompletableFuture<?> future, long nanos) throws InterruptedException {
			try {
				future.get(nanos, TimeUnit.NANOSECONDS);
				return true;
			}
			catch (ExecutionException | CancellationException ex) {
				return true;
			}
			catch (TimeoutException ex) {
				return false;
			}
		}

		private Path awaitSocket(PluginProcess process, Path directory, long deadline) throws InterruptedException {
			CompletableFuture<Integer> exit = process.exited().toCompletableFuture();
			CompletableFuture<Object> disturbed = CompletableFuture.anyOf(exit, this.result);
			Path folder = PluginEnvironment.socketFolder(directory);
			while (true) {
				List<Path> listening = listening(folder);
				if (!listening.isEmpty()) {
					return chosen(listening);
				}
				if (settles(disturbed, SOCKET_CHECK.toNanos())) {
					throw this.result.isDone() ? closing(this.settings) : socketExit(exit.join());
				}
				if (System.nanoTime() - deadline > 0) {
					throw PluginHandshake.failure(this.settings, "has not opened a socket within "
							+ this.settings.startTimeout() + ", and was killed: it must listen at "
							+ PluginEnvironment.SOCKET_PATH
							+ " or in DAPR_COMPONENTS_SOCKETS_FOLDER, which it finds in "
							+ "its environment. See what it has logged, raise 'start-timeout', or set 'protocol' to "
							+ "'go-plugin' if it is one");
				}
			}
		}

		private PluginException socketExit(int exitCode) {
			return exited(exitCode, "opened a socket", (exitCode == 1) ? "see what it has logged" : advice(exitCode));
		}

		private PluginException exited(int exitCode, String before, String advice) {
			return new PluginExitedException(PluginHandshake.subject(this.settings) + " has ended with exit code "
					+ exitCode + " before it has " + before + ": " + advice, exitCode);
		}

		private Path chosen(List<Path> listening) {
			Path chosen = listening.stream()
				.filter((path) -> path.endsWith(PluginEnvironment.SOCKET_NAME))
				.findFirst()
				.orElse(listening.get(0));
			if (listening.size() > 1) {
				logger.warn("{} has opened {} sockets, of which only {} is used: make it open one",
						PluginHandshake.subject(this.settings), listening.size(), chosen.getFileName());
			}
			return chosen;
		}

		private List<Path> listening(Path folder) {
			List<Path> listening = new ArrayList<>();
			try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
				for (Path entry : entries) {
					if (isSocket(entry) && PluginLauncher.this.transport.isListening(entry)) {
						listening.add(entry);
					}
				}
			}
			catch (IOException | DirectoryIteratorException ex) {
				logger.debug("Cannot look into {}", folder, ex);
			}
			listening.sort(null);
			return listening;
		}

		private static boolean isSocket(Path path) {
			try {
				return FileType.of(path) == FileType.SOCKET;
			}
			catch (IOException ex) {
				return false;
			}
		}

		private PluginLaunch attach(ReattachSettings reattach) {
			SocketAddress address = PluginHandshake.address(this.settings, reattach.network(), reattach.address());
			ProcessHandle handle = ProcessHandle.of(reattach.pid())
				.filter(ProcessHandle::isAlive)
				.orElseThrow(
						() -> PluginHandshake.failure(this.settings, "cannot be attached to, as there is no process "
								+ reattach.pid() + ": start it, and set 'reattach' to what it prints"));
			if (handle.pid() == ProcessHandle.current().pid() && !reattach.test()) {
				throw PluginHandshake.failure(this.settings, "cannot be attached to, as process " + reattach.pid()
						+ " is the application itself, which would end with it: set 'reattach.test' to true");
			}
			if (!isReachable(address)) {
				throw PluginHandshake.failure(this.settings, "cannot be attached to, as nobody listens on '"
						+ reattach.address() + "': is it that of process " + reattach.pid() + "?");
			}
			PluginProcess process = PluginProcess.attached(this.settings.name(), handle, !reattach.test(),
					PluginLauncher.this.executor);
			Path directory = PluginLauncher.this.directories.create(this.settings.name());
			process.ended()
				.thenRunAsync(() -> PluginLauncher.this.directories.delete(directory), PluginLauncher.this.executor);
			return new PluginLaunch(process, directory, address, reattach.protocolVersion(), null, false);
		}

		private boolean isReachable(SocketAddress address) {
			if (address instanceof UnixDomainSocketAddress unix) {
				return isSocket(unix.getPath()) && PluginLauncher.this.transport.isListening(unix.getPath());
			}
			try (Socket socket = new Socket()) {
				socket.connect((InetSocketAddress) address, (int) DIAL_TIMEOUT.toMillis());
				return true;
			}
			catch (IOException ex) {
				return false;
			}
		}

	}

}
