package dev.pluggable.internal.process;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pluggable.internal.support.DaemonThreads;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches the processes of plugins. Launches do not wait for each other. Safe for use by
 * many threads.
 */
public final class PluginLauncher implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(PluginLauncher.class);

	static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

	private static final Duration IDLE_THREAD = Duration.ofSeconds(5);

	/**
	 * A core dump delays the exit of a process.
	 */
	private static final Duration EXIT_GRACE = Duration.ofSeconds(5);

	private final LaunchContext context;

	private final ThreadPoolExecutor executor;

	private final Set<LaunchAttempt> attempts = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	/**
	 * Create a launcher.
	 * @param directories creates the run directories; the caller closes them after the
	 * launcher
	 * @param transport detects listening sockets
	 */
	public PluginLauncher(RunDirectories directories, Transport transport) {
		this(directories, transport, System.getenv(), IDLE_THREAD, EXIT_GRACE);
	}

	/**
	 * Create a launcher for a test.
	 * @param environment environment of the application
	 * @param idleThread how long a thread without work is kept
	 * @param exitGrace longest time between the exit of a process and the end of its
	 * output
	 */
	PluginLauncher(RunDirectories directories, Transport transport, Map<String, String> environment,
			Duration idleThread, Duration exitGrace) {
		this.executor = new ThreadPoolExecutor(0, Integer.MAX_VALUE, idleThread.toMillis(), TimeUnit.MILLISECONDS,
				new SynchronousQueue<>(), DaemonThreads.numbered("pluggable-plugin-"));
		this.context = new LaunchContext(directories, transport, Map.copyOf(environment), this.executor,
				new ProcessStarter(directories, this.executor), exitGrace);
	}

	/**
	 * Start a process, or attach to one, and find its address.
	 * @param settings settings of the plugin
	 * @param readers read the output of the process
	 * @param clientCertificate certificate of the host (PEM), {@code null} without
	 * AutoMTLS
	 * @return completes when the address is known, or fails with a
	 * {@link PluginException}. A cancel kills the process. A failure and a cancel are
	 * reported after the process and its children are gone
	 */
	public CompletableFuture<PluginLaunch> launch(PluginSettings settings, OutputReaders readers,
			@Nullable String clientCertificate) {
		if (settings.autoMtls() != (clientCertificate != null)) {
			throw new IllegalArgumentException("'clientCertificate' must be set if AutoMTLS is, and only then");
		}
		LaunchAttempt attempt = new LaunchAttempt(this.context, settings, readers, clientCertificate);
		this.attempts.add(attempt);
		attempt.over().thenRun(() -> this.attempts.remove(attempt));
		try {
			this.executor.execute(attempt);
		}
		catch (RejectedExecutionException ex) {
			attempt.neverBegan(LaunchFailures.closing(settings));
		}
		catch (Error ex) {
			// The system has no thread left.
			attempt.neverBegan(LaunchFailures.cannotStart(settings, ex));
		}
		if (this.closed) {
			attempt.giveUp();
		}
		return attempt.outcome();
	}

	/**
	 * Kill all launched processes and their children. Waits for their end, up to a few
	 * seconds.
	 */
	@Override
	public void close() {
		this.closed = true;
		this.attempts.forEach(LaunchAttempt::giveUp);
		// The starter knows all processes only after all attempts are over.
		await(this.attempts.stream().map(LaunchAttempt::over).toList());
		Set<PluginProcess> processes = this.context.starter().processes();
		await(processes.stream().map(PluginProcess::kill).map(CompletionStage::toCompletableFuture).toList());
		processes.forEach((process) -> logger.warn("Cannot end {}", process));
		this.context.starter().close();
		this.executor.shutdown();
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

	static void awaitThreads(ExecutorService executor) {
		try {
			if (!executor.awaitTermination(1, TimeUnit.SECONDS)) {
				executor.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
