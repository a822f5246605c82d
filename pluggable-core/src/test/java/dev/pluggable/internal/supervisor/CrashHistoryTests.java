package dev.pluggable.internal.supervisor;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

import dev.pluggable.plugin.RestartSettings;
import dev.pluggable.plugin.RestartSettings.Policy;
import org.jspecify.annotations.Nullable;
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
			.generate(() -> delay(settings(Duration.ofSeconds(2), 0), () -> ThreadLocalRandom.current().nextDouble()))
			.limit(1000)
			.toList();
		assertThat(delays).allMatch(
				(delay) -> delay.compareTo(Duration.ofMillis(80)) >= 0 && delay.compareTo(Duration.ofMillis(120)) <= 0);
		assertThat(delays).anyMatch((delay) -> delay.toMillis() < 95).anyMatch((delay) -> delay.toMillis() > 105);
	}

	private static Duration delay(RestartSettings settings, DoubleSupplier random) {
		return ((CrashHistory.Restart) new CrashHistory(settings, true, random).crashed(0, null, true, false)).delay();
	}

	@Test
	void whenCrashesFollowEachOtherThenTheDelayDoublesUpToItsLimit() {
		CrashHistory history = new CrashHistory(settings(Duration.ofMillis(300), 0), true, () -> 0.5);
		assertThat(Stream.generate(() -> history.crashed(0, null, true, false)).limit(4))
			.extracting((decision) -> ((CrashHistory.Restart) decision).delay().toMillis())
			.containsExactly(100L, 200L, 300L, 300L);
	}

	@Test
	void whenACrashIsOlderThanTheWindowThenItDoesNotCount() {
		CrashHistory history = new CrashHistory(settings(Duration.ofSeconds(1), 3), true, () -> 0.5);
		assertThat(loop(history.crashed(0, null, true, false))).isNull();
		assertThat(loop(history.crashed(30 * SECOND, null, true, false))).isNull();
		assertThat(loop(history.crashed(60 * SECOND + 1, null, true, false))).isNull();
		assertThat(loop(history.crashed(90 * SECOND, null, true, false))).isEqualTo("crash loop: 3 crashes within 60s");
	}

	@Test
	void whenTheTickerOverflowsThenTheWindowStillCounts() {
		CrashHistory history = new CrashHistory(settings(Duration.ofSeconds(1), 2), true, () -> 0.5);
		history.crashed(Long.MAX_VALUE - SECOND, null, true, false);
		assertThat(loop(history.crashed(Long.MIN_VALUE + SECOND, null, true, false))).isNotNull();
	}

	@Test
	void whenTheProcessWasReadyForLongThenEarlierCrashesDoNotCount() {
		CrashHistory history = new CrashHistory(settings(Duration.ofSeconds(1), 2), true, () -> 0.5);
		history.crashed(0, null, true, false);
		assertThat(loop(history.crashed(SECOND, Duration.ofSeconds(30), true, false))).isNull();
		assertThat(loop(history.crashed(2 * SECOND, Duration.ofSeconds(29), true, false))).isNotNull();
	}

	@Test
	void whenADelayHasJitterThenItIsNeverLongerThanTheLongestDelay() {
		for (double random : new double[] { 0, 0.5, 1 }) {
			CrashHistory history = new CrashHistory(settings(Duration.ofMillis(300), 5), true, () -> random);
			for (int crash = 0; crash < 10; crash++) {
				boolean lasting = crash == 9;
				CrashHistory.Decision decision = history.crashed(0, null, true, lasting);
				assertThat(((CrashHistory.Restart) decision).delay()).isLessThanOrEqualTo(Duration.ofMillis(300));
			}
		}
	}

	@Test
	void whenThereIsACrashLoopThenEachDelayIsTheLongestUntilAProcessWasReadyForLong() {
		CrashHistory history = new CrashHistory(settings(Duration.ofMillis(300), 2), true, () -> 0.5);
		history.crashed(0, null, true, false);
		for (int minute = 0; minute < 20; minute += 2) {
			CrashHistory.Restart restart = (CrashHistory.Restart) history.crashed(minute * 60 * SECOND, null, true,
					false);
			assertThat(restart.delay()).isEqualTo(Duration.ofMillis(300));
			assertThat(restart.loop()).isEqualTo("crash loop: 2 crashes within 60s");
		}
		CrashHistory.Restart restart = (CrashHistory.Restart) history.crashed(3000 * SECOND, Duration.ofSeconds(30),
				true, false);
		assertThat(restart.loop()).isNull();
		assertThat(restart.delay()).isEqualTo(Duration.ofMillis(100));
	}

	@Test
	void whenAFailureLastsThenTheDelayIsTheLongestAtOnce() {
		CrashHistory history = new CrashHistory(settings(Duration.ofMillis(300), 5), true, () -> 0.5);
		CrashHistory.Restart restart = (CrashHistory.Restart) history.crashed(0, null, true, true);
		assertThat(restart.delay()).isEqualTo(Duration.ofMillis(300));
		assertThat(restart.loop()).isNull();
	}

	@Test
	void whenLoopsAreNotDetectedThenOnlyTheDelayGrows() {
		CrashHistory history = new CrashHistory(settings(Duration.ofMillis(300), 2), false, () -> 0.5);
		for (int crash = 0; crash < 10; crash++) {
			assertThat(loop(history.crashed(0, null, true, false))).isNull();
		}
	}

	private static @Nullable String loop(CrashHistory.Decision decision) {
		return ((CrashHistory.Restart) decision).loop();
	}

	private static RestartSettings settings(Duration maxDelay, int crashLoopCount) {
		return new RestartSettings(Policy.ALWAYS, (maxDelay.toMillis() == 1000) ? maxDelay : Duration.ofMillis(100),
				maxDelay, 0.2, crashLoopCount, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ZERO);
	}

}
