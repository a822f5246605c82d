package dev.pluggable.internal.supervisor;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointClaims;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointSource;
import dev.pluggable.internal.process.PluginLauncher;
import dev.pluggable.internal.process.RunDirectories;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.PluginState;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches plugins and keeps them alive, all at the same time.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class PluginSupervisor implements Plugins, EndpointSource {

	private static final Logger logger = LoggerFactory.getLogger(PluginSupervisor.class);

	/**
	 * What a process may take beyond its stop timeout until nothing is left of it.
	 */
	private static final Duration END_GRACE = Duration.ofSeconds(5);

	private final EndpointContext context;

	private final Map<String, Plugin> plugins = new TreeMap<>();

	private final @Nullable RunDirectories directories;

	private final @Nullable PluginLauncher launcher;

	/**
	 * A supervisor that has not launched anything yet.
	 * @param settings the plugins
	 * @param context what all endpoints share
	 * @param claims the endpoints of the host
	 * @param hostServices what the application offers to plugins
	 * @param directory where the run directories of processes are made
	 */
	public PluginSupervisor(List<PluginSettings> settings, EndpointContext context, EndpointClaims claims,
			HostServices hostServices, Path directory) {
		this.context = context;
		if (settings.isEmpty()) {
			this.directories = null;
			this.launcher = null;
			return;
		}
		this.directories = new RunDirectories(directory);
		this.launcher = new PluginLauncher(this.directories, context.transport());
		for (PluginSettings plugin : settings) {
			PluginRuns runs = new PluginRuns(plugin, this.launcher, context, hostServices);
			Endpoint endpoint = Objects.requireNonNull(claims.claim(plugin.name()));
			this.plugins.put(plugin.name(), new Plugin(plugin, endpoint, context, runs, Clock.systemUTC()));
		}
	}

	/**
	 * Check the path of a folder before run directories are made in it.
	 * @param directory the folder
	 * @return what is wrong with it, {@code null} if sockets in it can be reached
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
		return plugin == null || plugin.status().state() != PluginState.STARTING;
	}

	/**
	 * Wait until all required plugins are ready, for as long as they may take to start.
	 * @return those that are not
	 */
	public List<PluginStatus> awaitRequired() {
		List<Plugin> required = this.plugins.values().stream().filter(Plugin::required).toList();
		long deadline = System.nanoTime();
		for (Plugin plugin : required) {
			deadline = Math.max(deadline, System.nanoTime() + plugin.startTimeout().toNanos());
		}
		for (Plugin plugin : required) {
			try {
				control(plugin, Plugin::start).toCompletableFuture()
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

	@Override
	public List<PluginStatus> statuses() {
		return this.plugins.values()
			.stream()
			.map(Plugin::status)
			.sorted(Comparator.comparing(PluginStatus::name))
			.toList();
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
		boolean accepted = execute(() -> {
			try {
				action.apply(plugin).whenComplete((status, failure) -> {
					if (failure != null) {
						outcome.completeExceptionally(failure);
					}
					else {
						outcome.complete(status);
					}
				});
			}
			catch (RuntimeException | Error ex) {
				outcome.completeExceptionally(ex);
			}
		});
		if (!accepted) {
			outcome.completeExceptionally(new PluginException("Plugin '" + plugin + "': the application is stopping"));
		}
		return outcome;
	}

	private boolean execute(Runnable task) {
		try {
			this.context.executor().execute(task);
			return true;
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
	}

	/**
	 * End all processes, at the same time, and remove what is left of them. Must not be
	 * called on the host's thread, which must still be there.
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
		Duration longest = this.plugins.values()
			.stream()
			.map(Plugin::stopTimeout)
			.max(Comparator.naturalOrder())
			.orElse(Duration.ZERO);
		try {
			CompletableFuture.allOf(ends).get(longest.plus(END_GRACE).toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn("Plugins did not end in order", ex);
		}
		this.launcher.close();
		this.directories.close();
	}

}
