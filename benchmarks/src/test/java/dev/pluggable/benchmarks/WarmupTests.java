package dev.pluggable.benchmarks;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WarmupTests {

	private static final Duration LONGEST = Duration.ofMinutes(1);

	private final AtomicInteger runs = new AtomicInteger();

	@Test
	void whenCompilersAreQuietThenItEndsLongBeforeItMust() throws Exception {
		long begun = System.nanoTime();
		new Warmup(() -> 0).await(LONGEST, this.runs::incrementAndGet);
		assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(LONGEST.dividedBy(2));
		assertThat(this.runs).hasPositiveValue();
	}

	@Test
	void whenCompilersAreNotQuietThenItGoesOn() throws Exception {
		int[] asked = { 0 };
		// The compilers work during the first windows.
		Warmup warmup = new Warmup(() -> 1_000_000L * Math.min(++asked[0], 4));
		warmup.await(LONGEST, this.runs::incrementAndGet);
		assertThat(asked[0]).isGreaterThanOrEqualTo(2 * 4);
	}

	@Test
	void whenCompilersAreNeverQuietThenItEndsWhenItMust() throws Exception {
		int[] asked = { 0 };
		new Warmup(() -> 1_000_000L * ++asked[0]).await(Duration.ofMillis(1), this.runs::incrementAndGet);
		assertThat(this.runs).hasPositiveValue();
	}

}
