package dev.pluggable.internal.support;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.pluggable.fixtures.LogCapture;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LimitedLog}.
 */
class LimitedLogTests {

	@Test
	void whenThereAreTooManyLinesThenTheyAreCounted() {
		AtomicLong now = new AtomicLong();
		LimitedLog limited = new LimitedLog("lines", 2, now::get);
		try (LogCapture log = new LogCapture()) {
			for (int i = 0; i < 10; i++) {
				limited.log(LoggerFactory.getLogger(LimitedLogTests.class), "line " + i);
			}
			now.addAndGet(TimeUnit.MINUTES.toNanos(1));
			limited.log(LoggerFactory.getLogger(LimitedLogTests.class), "later");
			assertThat(log.text().lines()).containsExactly("WARN line 0",
					"WARN line 1. Further lines are left out for up to a minute",
					"WARN later (8 further lines were left out before)");
		}
	}

	@Test
	void whenAFloodGoesOnThenFurtherMinutesHaveFewLines() {
		AtomicLong now = new AtomicLong();
		LimitedLog limited = new LimitedLog("lines", 500, now::get);
		try (LogCapture log = new LogCapture()) {
			for (int minute = 0; minute < 3; minute++) {
				for (int i = 0; i < 1000; i++) {
					limited.log(LoggerFactory.getLogger(LimitedLogTests.class), "line");
				}
				now.addAndGet(TimeUnit.MINUTES.toNanos(1));
			}
			assertThat(log.text().lines()).hasSize(540);
		}
	}

}
