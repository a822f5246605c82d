package dev.pluggable.sample.median;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import dev.pluggable.plugin.HandshakeSettings;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.RestartSettings;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The plugins in other languages, and the tools that build them.
 */
final class MedianPlugins {

	private static final Path FOLDER = Path.of("..").toAbsolutePath().normalize();

	private static boolean built;

	private MedianPlugins() {
	}

	/**
	 * Build all plugins, once. Fails if a toolchain is missing. The tools print into a
	 * file, so that the output of the tests stays clean.
	 */
	static synchronized void build() throws Exception {
		if (!built) {
			Process process = new ProcessBuilder("./build.sh").directory(FOLDER.toFile())
				.redirectErrorStream(true)
				.start();
			process.getOutputStream().close();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as("exit status of build.sh, which printed %s", output).isZero();
			built = true;
		}
	}

	/**
	 * Return the settings of the relayer in Go.
	 */
	static PluginSettings goRelayer() {
		return relayer(FOLDER.resolve("target/go-relayer").toString());
	}

	/**
	 * Return the settings of the relayer in Python.
	 */
	static PluginSettings pythonRelayer() {
		Path folder = FOLDER.resolve("python-relayer");
		return relayer(folder.resolve("target/venv/bin/python").toString(), folder.resolve("main.py").toString());
	}

	private static PluginSettings relayer(String... command) {
		return settings("relayer", "SAMPLE_RELAYER_COOKIE", "median-sample-relayer", command);
	}

	/**
	 * Return the settings of the median in Go.
	 */
	static PluginSettings goMedian() {
		return settings("median", "SAMPLE_MEDIAN_COOKIE", "median-sample-median",
				FOLDER.resolve("target/go-median").toString());
	}

	/**
	 * Create settings without a limit of crashes.
	 */
	private static PluginSettings settings(String name, String cookieKey, String cookieValue, String... command) {
		return PluginSettings.of(name, List.of(command))
			.withHandshake(new HandshakeSettings(cookieKey, cookieValue, Set.of(1)))
			.withRestart(new RestartSettings(RestartSettings.Policy.ALWAYS, Duration.ofMillis(10),
					Duration.ofMillis(100), 0.2, 0, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ZERO));
	}

}
