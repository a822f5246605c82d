package dev.pluggable.sample.median;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.pluggable.PluggableException;
import dev.pluggable.plugin.PluginStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Replaces processes while rounds go on, as an upgrade does, and verifies that no call is
 * lost. Fails if Go is missing.
 */
@Tag("interop")
class ReplacedProcessInteropTests {

	private static final long PATIENCE_SECONDS = 60;

	private static final int TIMES = 3;

	@BeforeAll
	static void build() throws Exception {
		MedianPlugins.build();
	}

	@ParameterizedTest
	@ValueSource(strings = { "relayer", "median" })
	void whenProcessIsReplacedThenNoRoundFails(String plugin) throws Exception {
		try (MedianHost host = MedianHost.with(MedianPlugins.goRelayer(), MedianPlugins.goMedian())
			.waitForReady(Duration.ZERO)
			// The streams that plugins keep through a proxy end after this time.
			.callTimeout(Duration.ofSeconds(10))
			.start()) {
			host.awaitPlugins();
			MedianJob job = host.job();
			MedianHost.awaitObjects(job);
			Rounds rounds = new Rounds(host, job);
			Thread thread = new Thread(rounds);
			thread.start();
			for (int i = 0; i < TIMES; i++) {
				long pid = host.status(plugin).pid();
				int before = rounds.succeeded;
				PluginStatus status = host.host()
					.plugins()
					.restart(plugin)
					.toCompletableFuture()
					.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
				assertThat(status.pid()).isNotEqualTo(pid);
				MedianHost.awaitGone(pid);
				rounds.awaitMore(before + 2);
			}
			rounds.over.set(true);
			thread.join();
			assertThat(rounds.failure).isNull();
			assertThat(host.status(plugin).restarts()).isZero();
			host.awaitWhole();
			job.close();
		}
	}

	/**
	 * Runs rounds one after another, until one fails.
	 */
	private static final class Rounds implements Runnable {

		private final AtomicBoolean over = new AtomicBoolean();

		private final MedianHost host;

		private final MedianJob job;

		private volatile int succeeded;

		private volatile Throwable failure;

		Rounds(MedianHost host, MedianJob job) {
			this.host = host;
			this.job = job;
		}

		@Override
		public void run() {
			try {
				while (!this.over.get()) {
					this.host.round(this.job);
					this.succeeded++;
				}
			}
			catch (PluggableException | AssertionError ex) {
				this.failure = ex;
			}
		}

		void awaitMore(int rounds) {
			await().until(() -> this.failure != null || this.succeeded >= rounds);
		}

	}

}
