package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.plugin.RestartSettings.Policy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CrashHistory}.
 */
class CrashHistoryTests {

	private static final long SECOND = Duration.ofSeconds(1).toNanos();

	@Test
	void whenADelayHasJitterThenTheJitterIsItsLargestDeviation() {
		List<Duration> delays = Stream
			.generate(() -> delay(settings(Duration.ofSeconds(1), 0), () -> ThreadLocalRandom.current().nextDouble()))
			.limit(1000)
			.toList();
		assertThat(delays).allMatch((delay) -> delay.compareTo(Duration.ofMillis(800)) >= 0
				&& delay.compareTo(Duration.ofMillis(1200)) <= 0);
		assertThat(delays).anyMatch((delay) -> delay.toMillis() < 950).anyMatch((delay) -> delay.toMillis() > 1050);
	}

	private static Duration delay(RestartSettings settings, DoubleSupplier random) {
		return ((CrashHistory.Restart) new CrashHistory(settings, random).crashed(0, null, true)).delay();
	}

	@Test
	void whenCrashesFollowEachOtherThenTheDelayDoublesUpToItsLimit() {
		CrashHistory history = new CrashHistory(settings(Duration.ofMillis(300), 0), () -> 0.5);
		assertThat(Stream.generate(() -> history.crashed(0, null, true)).limit(4))
			.extracting((decision) -> ((CrashHistory.Restart) decision).delay().toMillis())
			.containsExactly(100L, 200L, 300L, 300L);
	}

	@Test
	void whenACrashIsOlderThanTheWindowThenItDoesNotCount() {
		CrashHistory history = new CrashHistory(settings(Duration.ofSeconds(1), 3), () -> 0.5);
		assertThat(history.crashed(0, null, true)).isInstanceOf(CrashHistory.Restart.class);
		assertThat(history.crashed(30 * SECOND, null, true)).isInstanceOf(CrashHistory.Restart.class);
		assertThat(history.crashed(60 * SECOND + 1, null, true)).isInstanceOf(CrashHistory.Restart.class);
		assertThat(history.crashed(90 * SECOND, null, true)).isInstanceOf(CrashHistory.GiveUp.class);
	}

	@Test
	void whenTheTickerOverflowsThenTheWindowStillCounts() {
		CrashHistory history = new CrashHistory(settings(Duration.ofSeconds(1), 2), () -> 0.5);
		history.crashed(Long.MAX_VALUE - SECOND, null, true);
		assertThat(history.crashed(Long.MIN_VALUE + SECOND, null, true)).isInstanceOf(CrashHistory.GiveUp.class);
	}

	@Test
	void whenTheProcessWasReadyForLongThenEarlierCrashesDoNotCount() {
		CrashHistory history = new CrashHistory(settings(Duration.ofSeconds(1), 2), () -> 0.5);
		history.crashed(0, null, true);
		assertThat(history.crashed(SECOND, Duration.ofSeconds(30), true)).isInstanceOf(CrashHistory.Restart.class);
		assertThat(history.crashed(2 * SECOND, Duration.ofSeconds(29), true)).isInstanceOf(CrashHistory.GiveUp.class);
	}

	private static RestartSettings settings(Duration maxDelay, int crashLoopCount) {
		return new RestartSettings(Policy.ALWAYS, (maxDelay.toMillis() == 1000) ? maxDelay : Duration.ofMillis(100),
				maxDelay, 0.2, crashLoopCount, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ZERO);
	}

}
