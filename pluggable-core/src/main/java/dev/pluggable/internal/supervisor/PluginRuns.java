package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import dev.pluggable.internal.broker.HostServiceRegistry;
import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.endpoint.EndpointSecrets;
import dev.pluggable.internal.endpoint.MetadataSecrets;
import dev.pluggable.internal.process.PluginLauncher;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.plugin.EnvironmentSettings;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.plugin.PluginSettings;
import org.jspecify.annotations.Nullable;

/**
 * Launches the real processes of one plugin.
 */
final class PluginRuns implements PluginRun.Launcher {

	private static final long STORE_CHECK_MILLIS = 50;

	private final PluginSettings settings;

	private final PluginLauncher launcher;

	private final EndpointContext context;

	private final HostServiceRegistry hostServices;

	private final EndpointSecrets secrets;

	private final @Nullable MetadataSecrets variables;

	/**
	 * The number of the brokered connection that was served last, over all processes.
	 */
	/**
	 * The last number of a connection. Plugins may demand the numbers below the first
	 * one.
	 */
	private final AtomicInteger lastNumber = new AtomicInteger(99);

	private volatile SecretMask environment;

	/**
	 * Create a launcher.
	 * @param secrets the secrets of the plugin, which gets those of the environment
	 * @param variables the variables that come from secret stores, {@code null} if there
	 * are none
	 */
	PluginRuns(PluginSettings settings, PluginLauncher launcher, EndpointContext context,
			HostServiceRegistry hostServices, EndpointSecrets secrets, @Nullable MetadataSecrets variables) {
		this.settings = settings;
		this.launcher = launcher;
		this.context = context;
		this.hostServices = hostServices;
		this.secrets = secrets;
		this.variables = variables;
		this.environment = new SecretMask(settings.environment().variables());
		secrets.put(this, this.environment);
	}

	@Override
	public PluginRun launch(int number, PluginRun.Listener listener) {
		ProcessRun run = new ProcessRun(this.settings, number, this.context, this.hostServices, this.secrets.live(),
				this.lastNumber, listener);
		run.launch(this.launcher, this::settings);
		return run;
	}

	/**
	 * Read the variables that come from secret stores. Waits for the stores.
	 * @return the settings with these variables
	 * @throws PluginException if a store is not ready within the start timeout, or a
	 * secret cannot be read
	 */
	private PluginSettings settings() {
		MetadataSecrets variables = this.variables;
		if (variables == null) {
			return this.settings;
		}
		Duration timeout = this.settings.startTimeout();
		long start = System.nanoTime();
		try {
			for (String waits = variables.waitsFor(); waits != null; waits = variables.waitsFor()) {
				if (System.nanoTime() - start > timeout.toNanos()) {
					throw failure(waits + ", for longer than " + LogText.duration(timeout), null);
				}
				Thread.sleep(STORE_CHECK_MILLIS);
			}
			Map<String, String> values = variables.read()
				.toCompletableFuture()
				.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
			this.environment = this.environment.withSecrets(values.values());
			this.secrets.put(this, this.environment);
			EnvironmentSettings environment = this.settings.environment();
			Map<String, String> all = new HashMap<>(environment.variables());
			all.putAll(values);
			return this.settings.withEnvironment(new EnvironmentSettings(environment.inherit(), all));
		}
		catch (ExecutionException ex) {
			Throwable cause = (ex.getCause() != null) ? ex.getCause() : ex;
			throw failure(String.valueOf(cause.getMessage()), cause);
		}
		catch (TimeoutException ex) {
			throw failure("a secret store has not answered within " + LogText.duration(timeout), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw failure("the application is stopping", ex);
		}
	}

	private PluginException failure(String reason, @Nullable Throwable cause) {
		String text = "Plugin '" + this.settings.name()
				+ "' is not started, because of its 'environment.variables-from': " + reason;
		return (cause != null) ? new PluginException(text, cause) : new PluginException(text);
	}

}
