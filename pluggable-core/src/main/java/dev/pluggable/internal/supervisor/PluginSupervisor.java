package dev.pluggable.internal.supervisor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointClaims;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.endpoint.MetadataSecrets;
import dev.pluggable.internal.process.PluginLauncher;
import dev.pluggable.internal.process.RunDirectories;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches all plugins of a host at the same time and keeps them alive. Safe for use by
 * many threads.
 */
public final class PluginSupervisor implements Plugins, EndpointSource {

	private static final Logger logger = LoggerFactory.getLogger(PluginSupervisor.class);

	/**
	 * Time after the stop timeout until nothing is left of a process.
	 */
	private static final Duration END_GRACE = Duration.ofSeconds(5);

	private final EndpointContext context;

	private final Map<String, Plugin> plugins = new TreeMap<>();

	private final @Nullable RunDirectories directories;

	private final @Nullable PluginLauncher launcher;

	private final Set<CompletableFuture<PluginStatus>> requests = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	/**
	 * Create a supervisor that has launched nothing yet.
	 * @param settings the plugins
	 * @param context the things that all endpoints share
	 * @param claims the endpoints of the host
	 * @param hostServices the services that the application offers to plugins
	 * @param directory parent of the run directories
	 * @param allowUntrusted whether other users may be able to replace the run
	 * directories
	 * @param secrets the variables of a plugin that come from secret stores, {@code null}
	 * if there are none
	 */
	public PluginSupervisor(List<PluginSettings> settings, EndpointContext context, EndpointClaims claims,
			HostServiceRegistry hostServices, Path directory, boolean allowUntrusted,
			Function<String, @Nullable MetadataSecrets> secrets) {
		this.context = context;
		if (settings.isEmpty()) {
			this.directories = null;
			this.launcher = null;
			return;
		}
		this.directories = new RunDirectories(directory, allowUntrusted);
		this.launcher = new PluginLauncher(this.directories, context.transport());
		for (PluginSettings plugin : settings) {
			Endpoint endpoint = Objects.requireNonNull(claims.claim(plugin.name()));
			this.plugins.put(plugin.name(),
					new Plugin(plugin, new EndpointOfPlugin(endpoint),
							new PluginRuns(plugin, this.launcher, context, hostServices, endpoint.secrets(),
									secrets.apply(plugin.name())),
							context.thread(), context.settings(), () -> ThreadLocalRandom.current().nextDouble()));
		}
	}

	/**
	 * Check whether the path of a folder is short enough for the sockets of plugins.
	 * @param directory the folder
	 * @return the problem, {@code null} if there is none
	 */
	public static @Nullable String checkDirectory(Path directory) {
		return RunDirectories.checkLength(directory);
	}

	/**
	 * Launch all plugins. Each of them drives its endpoint by itself, so no hint is
	 * needed.
	 */
	@Override
	public void start(Runnable hint) {
		if (this.directories != null) {
			this.context.handlers().execute(this.directories::sweep);
		}
		this.plugins.values().forEach((plugin) -> control(plugin, Plugin::start).exceptionally((failure) -> {
			logger.debug("Plugin '{}' has not started", plugin, failure);
			return plugin.status();
		}));
	}

	@Override
	public void endpointChanged(Endpoint endpoint) {
		Plugin plugin = this.plugins.get(endpoint.name());
		if (plugin != null) {
			plugin.endpointChanged();
		}
	}

	@Override
	public boolean isSettled(String endpoint) {
		Plugin plugin = this.plugins.get(endpoint);
		return plugin == null || plugin.isSettled();
	}

	/**
	 * Wait until all required plugins are ready. The wait ends early if one of them is
	 * not expected to become ready soon.
	 * @param timeout the longest wait
	 * @return the required plugins that are not ready
	 */
	public List<PluginStatus> awaitRequired(Duration timeout) {
		List<Plugin> required = this.plugins.values()
			.stream()
			.filter((plugin) -> plugin.settings().required())
			.toList();
		long deadline = System.nanoTime() + timeout.toNanos();
		for (Plugin plugin : required) {
			try {
				control(plugin, Plugin::awaitReady).toCompletableFuture()
					.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			catch (ExecutionException | TimeoutException ex) {
				logger.debug("Plugin '{}' is required and not ready", plugin, ex);
			}
		}
		return required.stream().map(Plugin::status).filter((status) -> status.state() != PluginState.READY).toList();
	}

	private static Duration longest(Collection<Plugin> plugins, Function<PluginSettings, Duration> limit) {
		return plugins.stream().map(Plugin::settings).map(limit).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
	}

	@Override
	public List<PluginStatus> statuses() {
		return this.plugins.values().stream().map(Plugin::status).toList();
	}

	@Override
	public Optional<PluginStatus> status(String name) {
		return Optional.ofNullable(this.plugins.get(name)).map(Plugin::status);
	}

	@Override
	public CompletionStage<PluginStatus> start(String name) {
		return control(find(name), Plugin::start);
	}

	@Override
	public CompletionStage<PluginStatus> stop(String name) {
		return control(find(name), Plugin::stop);
	}

	@Override
	public CompletionStage<PluginStatus> restart(String name) {
		return control(find(name), Plugin::restart);
	}

	private Plugin find(String name) {
		Plugin plugin = this.plugins.get(name);
		if (plugin == null) {
			throw new IllegalArgumentException(
					"There is no plugin '" + name + "'; the plugins are " + this.plugins.keySet());
		}
		return plugin;
	}

	private CompletionStage<PluginStatus> control(Plugin plugin,
			Function<Plugin, CompletionStage<PluginStatus>> action) {
		CompletableFuture<PluginStatus> outcome = new CompletableFuture<>();
		this.requests.add(outcome);
		outcome.whenComplete((status, failure) -> this.requests.remove(outcome));
		this.context.thread().execute("controlling plugin '" + plugin + "'", () -> {
			try {
				action.apply(plugin).whenComplete((status, failure) -> handOver(() -> {
					if (failure != null) {
						outcome.completeExceptionally(failure);
					}
					else {
						outcome.complete(status);
					}
				}));
			}
			catch (RuntimeException | Error ex) {
				handOver(() -> outcome.completeExceptionally(ex));
				throw ex;
			}
		});
		if (this.closed) {
			failRequests();
		}
		return outcome;
	}

	/**
	 * Complete a request where its continuations may block, which the host's thread must
	 * not.
	 */
	private void handOver(Runnable completion) {
		try {
			this.context.handlers().execute(completion);
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			// The host has closed, or the system has no more threads.
			completion.run();
		}
	}

	/**
	 * Fail the requests that the host's thread drops because it ends.
	 */
	private void failRequests() {
		this.requests
			.forEach((request) -> request.completeExceptionally(new PluginException("The application is stopping")));
	}

	/**
	 * End all processes at the same time, and delete their run directories. The caller
	 * must not be the host's thread, and the host's thread must still run.
	 */
	@Override
	public void close() {
		if (this.launcher == null || this.directories == null) {
			return;
		}
		CompletableFuture<?>[] ends = this.plugins.values()
			.stream()
			.map((plugin) -> control(plugin, Plugin::close).toCompletableFuture())
			.toArray(CompletableFuture[]::new);
		Duration limit = longest(this.plugins.values(), PluginSettings::stopTimeout).plus(END_GRACE);
		try {
			CompletableFuture.allOf(ends).get(limit.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn("Some plugins have not ended within {}", LogText.duration(limit), ex);
		}
		this.launcher.close();
		this.directories.close();
		this.closed = true;
		failRequests();
	}

}
