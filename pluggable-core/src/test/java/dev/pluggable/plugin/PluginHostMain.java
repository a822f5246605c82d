package dev.pluggable.plugin;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import dev.pluggable.transport.Transport;
import dev.pluggable.transport.TransportType;

/**
 * A host in a process of its own, to be killed: launches a plugin with a child in the
 * folder that is its argument, and prints the plugin's id.
 */
final class PluginHostMain {

	private PluginHostMain() {
	}

	static Process start(Path folder) throws IOException {
		return new ProcessBuilder(GoPluginMain.command(PluginHostMain.class, folder.toString()))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
	}

	/**
	 * Wait until the plugin is there.
	 */
	static long pluginPid(Process host) throws IOException {
		BufferedReader lines = host.inputReader();
		for (String line = lines.readLine(); line != null; line = lines.readLine()) {
			if (line.startsWith("plugin ")) {
				return Long.parseLong(line.substring("plugin ".length()));
			}
		}
		throw new IllegalStateException("The host has ended");
	}

	public static void main(String[] arguments) throws Exception {
		Path folder = Path.of(arguments[0]);
		RunDirectories directories = new RunDirectories(folder);
		directories.sweep();
		PluginLauncher launcher = new PluginLauncher(directories, Transport.create(TransportType.NIO));
		String script = "sleep 1000 & echo $! > " + folder + "/child; echo '1|1|unix|/p|grpc|'; exec sleep 1000";
		PluginLaunch launch = launcher.launch(PluginSettings.of("orders", List.of("sh", "-c", script)), (in) -> {
		}, null).get();
		System.out.println("plugin " + launch.process().pid());
		new CountDownLatch(1).await();
	}

}
