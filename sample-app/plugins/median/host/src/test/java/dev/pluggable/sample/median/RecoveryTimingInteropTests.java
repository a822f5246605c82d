package dev.pluggable.sample.median;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

import dev.pluggable.PluggableException;
import dev.pluggable.plugin.PluginSettings;
import dev.pluggable.plugin.RestartSettings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Prints the time from {@code kill -9} to the first success. There is no limit, because
 * it would depend on the machine. Fails if Go is missing.
 */
@Tag("interop")
class RecoveryTimingInteropTests {

	private static final int TIMES = 20;

	/**
	 * The default delay of the first restart, for all restarts.
	 */
	private static final RestartSettings RESTART = restart();

	@BeforeAll
	static void build() throws Exception {
		MedianPlugins.build();
	}

	private static RestartSettings restart() {
		RestartSettings defaults = RestartSettings.defaults();
		return new RestartSettings(defaults.policy(), defaults.initialDelay(), defaults.initialDelay(),
				defaults.jitter(), 0, defaults.crashLoopWindow(), defaults.resetAfter(), defaults.hangTimeout());
	}

	private static MedianHost host() throws Exception {
		return MedianHost
			.with(MedianPlugins.goRelayer().withRestart(RESTART), MedianPlugins.goMedian().withRestart(RESTART))
			.start();
	}

	@ParameterizedTest
	@ValueSource(strings = { "relayer", "median" })
	void fromKillToFirstRound(String plugin) throws Exception {
		try (MedianHost host = host()) {
			MedianJob job = host.job();
			host.awaitRound(job);
			measure("from kill -9 of the " + plugin + " to the first round", host, plugin, () -> host.round(job));
			job.close();
		}
	}

	@Test
	void fromKillToFirstCall() throws Exception {
		try (MedianHost host = host()) {
			Probe probe = host.probe();
			probe.call();
			measure("from kill -9 of a plugin in Go to the first call", host, "relayer", probe::call);
		}
	}

	/**
	 * Measure the part of the time that the host cannot influence: from the start of a
	 * process to its handshake line.
	 */
	@Test
	void startOfProcess() throws Exception {
		PluginSettings settings = MedianPlugins.goRelayer();
		long[] nanos = new long[TIMES];
		for (int i = 0; i < TIMES; i++) {
			ProcessBuilder builder = new ProcessBuilder(settings.command());
			builder.environment()
				.putAll(Map.of(settings.handshake().cookieKey(), settings.handshake().cookieValue(),
						"PLUGIN_PROTOCOL_VERSIONS", "1"));
			long start = System.nanoTime();
			Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
			try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
				assertThat(reader.readLine()).startsWith("1|1|unix|");
				nanos[i] = System.nanoTime() - start;
			}
			finally {
				process.destroyForcibly().waitFor();
			}
		}
		report("start of a process in Go to its handshake", nanos);
	}

	private static void measure(String what, MedianHost host, String plugin, Runnable call) {
		long[] nanos = new long[TIMES];
		for (int i = 0; i < TIMES; i++) {
			host.awaitPlugins();
			long launches = host.status(plugin).launches();
			long start = System.nanoTime();
			host.kill(plugin);
			boolean succeeded = false;
			while (!succeeded) {
				// The killed process may still have answered a call, which does not
				// count.
				boolean replaced = host.status(plugin).launches() > launches;
				try {
					call.run();
					succeeded = replaced;
				}
				catch (PluggableException ex) {
					Thread.onSpinWait();
				}
			}
			nanos[i] = System.nanoTime() - start;
		}
		report(what, nanos);
	}

	private static void report(String what, long[] nanos) {
		long[] sorted = nanos.clone();
		Arrays.sort(sorted);
		// One call of println keeps log lines out of the table.
		System.out.println(String.format("%nTIMING %s: median %d ms, least %d ms, most %d ms, %d rounds", what,
				Duration.ofNanos(sorted[sorted.length / 2]).toMillis(), Duration.ofNanos(sorted[0]).toMillis(),
				Duration.ofNanos(sorted[sorted.length - 1]).toMillis(), sorted.length));
	}

}
