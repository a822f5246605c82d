package dev.pluggable.spring.bindings;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
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
	 * Return the next time of the schedule.
	 * @param now the current time
	 * @param last time of the last run, or of the start
	 * @return the first time after the current time, {@code null} if there is none
	 */
	@Nullable Instant next(Instant now, Instant last) {
		if (this.expression == null) {
			long missed = Math.max(0, Duration.between(last, now).dividedBy(this.period));
			return last.plus(this.period.multipliedBy(missed + 1));
		}
		ZonedDateTime next = this.expression.next(now.atZone(this.zone));
		return (next != null) ? next.toInstant() : null;
	}

}
