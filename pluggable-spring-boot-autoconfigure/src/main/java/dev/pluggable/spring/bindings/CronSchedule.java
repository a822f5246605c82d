package dev.pluggable.spring.bindings;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;

import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.support.CronExpression;

/**
 * A schedule: a cron expression in a time zone, or a period. Immutable.
 */
final class CronSchedule {

	private static final String EVERY = "@every ";

	private static final String EXPECTED = "a cron expression with 5 or 6 fields, such as '0 */15 * * * *', "
			+ "a macro such as '@hourly', or '@every' with a duration of at least 1 second, such as '@every 30s'";

	private static final String EXPECTED_ZONE = "a time zone such as 'Europe/Berlin' or 'UTC'";

	private final @Nullable CronExpression expression;

	private final Duration period;

	private final ZoneId zone;

	private CronSchedule(@Nullable CronExpression expression, Duration period, ZoneId zone) {
		this.expression = expression;
		this.period = period;
		this.zone = zone;
	}

	static CronSchedule of(BindingMetadata metadata) {
		String schedule = metadata.required("schedule", EXPECTED);
		ZoneId zone = zone(metadata);
		if (schedule.startsWith(EVERY)) {
			Duration period = BindingMetadata.duration(schedule.substring(EVERY.length()).trim());
			if (period == null || period.compareTo(Duration.ofSeconds(1)) < 0) {
				throw metadata.invalid("schedule", EXPECTED);
			}
			return new CronSchedule(null, period, zone);
		}
		int fields = schedule.split("\\s+").length;
		CronExpression expression;
		try {
			expression = CronExpression.parse((fields == 5) ? "0 " + schedule : schedule);
		}
		catch (IllegalArgumentException ex) {
			throw metadata.invalid("schedule", EXPECTED);
		}
		if (expression.next(ZonedDateTime.now(zone)) == null) {
			throw metadata.invalid("schedule", "a cron expression that matches at least one date");
		}
		return new CronSchedule(expression, Duration.ZERO, zone);
	}

	private static ZoneId zone(BindingMetadata metadata) {
		String zone = metadata.text("timeZone");
		try {
			return (zone != null) ? ZoneId.of(zone) : ZoneId.systemDefault();
		}
		catch (DateTimeException ex) {
			throw metadata.invalid("timeZone", EXPECTED_ZONE);
		}
	}

	ZoneId zone() {
		return this.zone;
	}

	/**
	 * Begin a reading.
	 * @param now the time of the clock
	 * @param nanos the time of the monotonic clock in nanoseconds
	 * @return the runs of the reading
	 */
	CronRhythm begin(Instant now, long nanos) {
		CronExpression expression = this.expression;
		return (expression != null) ? new ClockRhythm((time) -> next(expression, time), now, nanos)
				: new PeriodicRhythm(this.period, nanos);
	}

	/**
	 * Return the next time of an expression. When the clocks are set back at the end of
	 * summer time, an hour comes twice. A schedule with runs at least once an hour goes
	 * on in the second hour. Other runs come in the first hour only.
	 */
	private @Nullable Instant next(CronExpression expression, Instant time) {
		ZonedDateTime from = time.atZone(this.zone);
		ZonedDateTime next = expression.next(from);
		if (next != null && !next.toLocalDateTime().isAfter(from.toLocalDateTime())) {
			LocalDateTime local = expression.next(from.toLocalDateTime());
			if (local == null || local.isAfter(from.toLocalDateTime().plusHours(1))) {
				next = (local != null) ? local.atZone(this.zone) : null;
			}
		}
		return (next != null) ? next.toInstant() : null;
	}

}
