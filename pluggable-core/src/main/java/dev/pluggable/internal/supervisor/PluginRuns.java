package dev.pluggable.internal.supervisor;

import dev.pluggable.internal.endpoint.EndpointContext;
import dev.pluggable.internal.process.PluginLauncher;
import dev.pluggable.internal.support.SecretMask;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.PluginSettings;

/**
 * Launches the real processes of one plugin.
 */
final class PluginRuns implements PluginRun.Launcher {

	private final PluginSettings settings;

	private final PluginLauncher launcher;

	private final EndpointContext context;

	private final HostServices hostServices;

	private final SecretMask secrets;

	PluginRuns(PluginSettings settings, PluginLauncher launcher, EndpointContext context, HostServices hostServices) {
		this.settings = settings;
		this.launcher = launcher;
		this.context = context;
		this.hostServices = hostServices;
		this.secrets = new SecretMask(settings.environment().variables());
	}

	@Override
	public PluginRun launch(int number, PluginRun.Listener listener) {
		ProcessRun run = new ProcessRun(this.settings, number, this.context, this.hostServices, this.secrets, listener);
		run.launch(this.launcher);
		return run;
	}

}
