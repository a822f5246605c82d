package dev.pluggable.spring.bindings;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import dev.pluggable.InvalidRequestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class CronScheduleTests {

	private static final Instant NOW = Instant.parse("2026-03-28T10:07:30.250Z");

	private static CronSchedule schedule(String schedule, String zone) {
		return CronSchedule.of(new BindingMetadata("bindings.cron", Map.of("Schedule", schedule, "timezone", zone)));
	}

	@ParameterizedTest
	@CsvSource({ "*/15 * * * * *, 2026-03-28T10:07:45Z", "0 */15 * * * *, 2026-03-28T10:15:00Z",
			"*/15 * * * *, 2026-03-28T10:15:00Z", "@hourly, 2026-03-28T11:00:00Z", "@daily, 2026-03-29T00:00:00Z",
			"0 0 12 ? * MON, 2026-03-30T12:00:00Z", "@every 1s, 2026-03-28T10:07:31.250Z",
			"@every 1h30m, 2026-03-28T11:37:30.250Z", "@every 1.5s, 2026-03-28T10:07:31.750Z" })
	void whenAskedThenTheNextTimeIsTold(String schedule, Instant next) {
		assertThat(next(schedule(schedule, "UTC"), NOW)).isEqualTo(next);
	}

	@Test
	void whenThereIsATimeZoneThenItCountsAlsoWhereTheClockChanges() {
		CronSchedule schedule = schedule("0 0 3 * * *", "Europe/Berlin");
		assertThat(next(schedule, NOW)).isEqualTo("2026-03-29T01:00:00Z");
		assertThat(next(schedule, Instant.parse("2026-03-27T10:00:00Z"))).isEqualTo("2026-03-28T02:00:00Z");
		assertThat(schedule.zone().getId()).isEqualTo("Europe/Berlin");
	}

	@Test
	void whenPeriodsWereMissedThenTheyAreOneAndTheRhythmStays() {
		CronRhythm rhythm = schedule("@every 10s", "UTC").begin(NOW, 0);
		assertThat(rhythm.take(NOW, seconds(35))).isTrue();
		assertThat(rhythm.take(NOW, seconds(39))).isFalse();
		assertThat(rhythm.untilNext(NOW, seconds(39))).isEqualTo(Duration.ofSeconds(1));
		assertThat(rhythm.take(NOW, seconds(40))).isTrue();
		assertThat(rhythm.untilNext(NOW, seconds(40))).isEqualTo(Duration.ofSeconds(10));
	}

	private static long seconds(long seconds) {
		return Duration.ofSeconds(seconds).toNanos();
	}

	private static Instant next(CronSchedule schedule, Instant now) {
		return now.plus(schedule.begin(now, 0).untilNext(now, 0));
	}

	@Test
	void whenTheClockIsSetBackForWinterThenADailyRunComesOnce() {
		CronRhythm rhythm = schedule("0 30 2 * * *", "Europe/Berlin").begin(Instant.parse("2026-10-24T20:00:00Z"), 0);
		assertThat(rhythm.take(Instant.parse("2026-10-25T00:30:00Z"), seconds(16_200))).isTrue();
		assertThat(rhythm.take(Instant.parse("2026-10-25T01:30:00Z"), seconds(19_800))).isFalse();
		assertThat(rhythm.take(Instant.parse("2026-10-26T01:30:00Z"), seconds(106_200))).isTrue();
	}

	@Test
	void whenTheClockIsSetBackForWinterThenAnHourlyRunGoesOn() {
		CronSchedule schedule = schedule("0 0 * * * *", "Europe/Berlin");
		assertThat(next(schedule, Instant.parse("2026-10-25T00:00:00Z"))).isEqualTo("2026-10-25T01:00:00Z");
		assertThat(next(schedule, Instant.parse("2026-10-25T01:00:00Z"))).isEqualTo("2026-10-25T02:00:00Z");
	}

	@ParameterizedTest
	@ValueSource(strings = { "s3cret", "* * *", "61 * * * * *", "@every", "@every 0s", "@every 999ms", "@every 1",
			"@every 1s s3cret", "@every -1s", "@never", "@every 99999999999999h", "0 0 0 30 2 *" })
	void whenItIsNoScheduleThenItIsSaidWithoutIt(String schedule) {
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> schedule(schedule, "UTC"))
			.withMessageContaining("'schedule'")
			.withMessageNotContaining("s3cret");
	}

	@Test
	void whenAnythingElseIsWrongThenItIsSaid() {
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> CronSchedule.of(new BindingMetadata("bindings.cron", Map.of())))
			.withMessageContaining("'schedule' of bindings.cron is missing");
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> schedule("@hourly", "Nowhere"))
			.withMessageContaining("'timeZone'");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> CronBinding.create("tick", Map.of("schedule", "@hourly", "shedule", "s3cret")))
			.withMessageContaining("'shedule'")
			.withMessageContaining("[direction, schedule, timeZone]")
			.withMessageNotContaining("s3cret");
	}

}
