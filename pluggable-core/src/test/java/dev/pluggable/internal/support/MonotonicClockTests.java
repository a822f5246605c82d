package dev.pluggable.internal.support;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MonotonicClock}.
 */
class MonotonicClockTests {

	@Test
	void whenTimePassesThenTheClockFollowsTheTicker() {
		AtomicLong nanos = new AtomicLong(-5);
		Instant start = Instant.parse("2030-01-01T00:00:00Z");
		MonotonicClock clock = new MonotonicClock(Clock.fixed(start, ZoneOffset.UTC), nanos::get);
		assertThat(clock.instant()).isEqualTo(start);
		nanos.addAndGet(TimeUnit.HOURS.toNanos(2));
		assertThat(clock.instant()).isEqualTo("2030-01-01T02:00:00Z");
	}

}
