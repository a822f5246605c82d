package dev.pluggable.spring.health;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

import dev.pluggable.plugin.PluginStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Health of one launched plugin. A plugin that somebody has stopped is out of service,
 * not down.
 */
final class PluginHealthIndicator implements HealthIndicator {

	private final PluginStatus status;

	private final InstantSource clock;

	PluginHealthIndicator(PluginStatus status, InstantSource clock) {
		this.status = status;
		this.clock = clock;
	}

	@Override
	public Health health() {
		PluginStatus status = this.status;
		List<String> output = status.lastOutput();
		return new HealthDetails().with("state", status.state())
			.with("reason", status.reason())
			.with("since", status.since())
			.with("required", status.required())
			.with("pid", status.pid())
			.with("launches", status.launches())
			.with("restarts", status.restarts())
			.with("uptime", uptime(status.startedAt()))
			.with("protocol", status.protocol().name().toLowerCase(Locale.ROOT).replace('_', '-'))
			.with("protocolVersion", status.protocolVersion())
			.with("tls", status.tls())
			.with("checksumVerified", status.checksumVerified())
			.with("guard", status.guard())
			.with("lastExitCode", status.lastExitCode())
			.with("lastOutput", output.isEmpty() ? null : output)
			.with("brokeredConnections",
					new HealthDetails().with("served", status.served().size())
						.with("dialed", status.dialed().size())
						.asMap())
			.health(determineStatus());
	}

	private @Nullable Duration uptime(@Nullable Instant startedAt) {
		if (startedAt == null) {
			return null;
		}
		Duration uptime = Duration.between(startedAt, this.clock.instant()).truncatedTo(ChronoUnit.SECONDS);
		// Somebody may have set the clock back.
		return uptime.isNegative() ? Duration.ZERO : uptime;
	}

	private Status determineStatus() {
		return switch (this.status.state()) {
			case READY -> this.status.answering() ? Status.UP : Status.DOWN;
			case STOPPING, STOPPED -> Status.OUT_OF_SERVICE;
			case STARTING, RESTARTING, FAILED -> Status.DOWN;
		};
	}

}
