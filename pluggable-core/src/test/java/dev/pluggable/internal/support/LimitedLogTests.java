package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.pluggable.fixtures.FakeHostThread;
import dev.pluggable.fixtures.LogCapture;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LimitedLog}.
 */
class LimitedLogTests {

	private static final Logger logger = LoggerFactory.getLogger(LimitedLogTests.class);

	private final AtomicLong now = new AtomicLong();

	private final List<Runnable> later = new ArrayList<>();

	@Test
	void whenThereAreTooManyLinesThenTheyHaveDebugLevelAndAreCounted() {
		LimitedLog limited = limited(2);
		try (LogCapture log = new LogCapture()) {
			for (int i = 0; i < 5; i++) {
				limited.log(logger, "line " + i);
			}
			this.now.addAndGet(TimeUnit.SECONDS.toNanos(11));
			limited.log(logger, "later");
			assertThat(log.text().lines()).containsExactly("WARN line 0", "WARN line 1", "DEBUG line 2", "DEBUG line 3",
					"DEBUG line 4", "WARN Left out 3 further lines within 10s. Each has a line of level DEBUG",
					"WARN later");
		}
	}

	@Test
	void whenAFloodStopsThenItsLastCountIsLogged() {
		LimitedLog limited = limited(20);
		try (LogCapture log = new LogCapture()) {
			for (int i = 0; i < 10_000; i++) {
				limited.log(logger, "line " + i);
			}
			this.now.addAndGet(TimeUnit.SECONDS.toNanos(10));
			assertThat(this.later).hasSize(1);
			this.later.remove(0).run();
			assertThat(log.text().lines()).hasSize(10_001)
				.last()
				.isEqualTo("WARN Left out 9980 further lines within 10s. Each has a line of level DEBUG");
			this.now.addAndGet(TimeUnit.MINUTES.toNanos(1));
			limited.log(logger, "calm");
			assertThat(this.later).isEmpty();
			assertThat(log.text().lines()).hasSize(10_002);
		}
	}

	@Test
	void whenAFloodGoesOnThenFurtherWindowsHaveFewLines() {
		LimitedLog limited = limited(500);
		try (LogCapture log = new LogCapture()) {
			for (int window = 0; window < 4; window++) {
				for (int i = 0; i < 1000; i++) {
					limited.log(logger, "line");
				}
				this.now.addAndGet(TimeUnit.SECONDS.toNanos(10));
				List.copyOf(this.later).forEach(Runnable::run);
				this.later.clear();
			}
			assertThat(log.text().lines().filter((line) -> line.startsWith("WARN line")))
				.hasSize(500 + 3 * LimitedLog.LINES_IN_FLOOD);
			assertThat(log.text().lines().filter((line) -> line.startsWith("WARN Left out"))).hasSize(4);
		}
	}

	@Test
	void whenTheHostCountsThenItDoesSoOnItsThread() {
		FakeHostThread host = new FakeHostThread();
		LimitedLog limited = LimitedLog.on(host.thread(), "lines", 1);
		try (LogCapture log = new LogCapture()) {
			host.run(() -> limited.log(logger, "first"));
			host.run(() -> limited.log(logger, "second"));
			host.advance(Duration.ofSeconds(10));
			assertThat(log.text()).contains("WARN first", "DEBUG second", "WARN Left out 1 further lines within 10s");
		}
	}

	private LimitedLog limited(int limit) {
		return new LimitedLog("lines", limit, Duration.ofSeconds(10), (delay, task) -> this.later.add(task),
				this.now::get);
	}

}
