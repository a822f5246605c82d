package dev.pluggable.spring.health;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.pluggable.ProbeResult;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * Details of a health, without those that are not known.
 */
final class HealthDetails {

	private final Map<String, Object> details = new LinkedHashMap<>();

	HealthDetails with(String key, @Nullable Object value) {
		if (value != null) {
			this.details.put(key, value);
		}
		return this;
	}

	HealthDetails with(ProbeResult probe) {
		return with("probe",
				new HealthDetails().with("health", probe.health())
					.with("detail", probe.detail())
					.with("at", probe.at())
					.asMap());
	}

	Map<String, Object> asMap() {
		return this.details;
	}

	Health health(Status status) {
		return Health.status(status).withDetails(this.details).build();
	}

	/**
	 * Status of something that is ready: what its last probe found. It answered to become
	 * ready, so it counts as up until the first probe.
	 */
	static Status ready(ProbeResult probe) {
		return switch (probe.health()) {
			case UP -> Status.UP;
			case DOWN -> Status.DOWN;
			case UNKNOWN -> (probe.at() != null) ? Status.UNKNOWN : Status.UP;
		};
	}

}
