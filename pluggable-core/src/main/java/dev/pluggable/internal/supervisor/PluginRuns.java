package dev.pluggable.internal.supervisor;

import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.process.PluginLauncher;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginSettings;

/**
 * Makes the processes of one plugin, one after another.
 */
final class PluginRuns {

	private final PluginSettings settings;

	private final PluginLauncher launcher;

	private final EndpointContext context;

	private final HostServices hostServices;

	private final SecretMask secrets;

	private volatile int launches;

	PluginRuns(PluginSettings settings, PluginLauncher launcher, EndpointContext context, HostServices hostServices) {
		this.settings = settings;
		this.launcher = launcher;
		this.context = context;
		this.hostServices = hostServices;
		this.secrets = new SecretMask(settings.environment().variables());
	}

	int launches() {
		return this.launches;
	}

	/**
	 * Begin with a new process. Called on the host's thread, and returns at once.
	 */
	PluginRun launch(PluginRun.Listener listener) {
		this.launches++;
		PluginRun run = new PluginRun(this.settings, this.launches, this.context, this.hostServices, this.secrets,
				listener);
		run.launch(this.launcher);
		return run;
	}

}
