package dev.pluggable.spring.health;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.pluggable.ProbeResult;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * Collects the details of a health. Unknown details are left out.
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
	 * Return the status of a ready endpoint or component, according to the last probe.
	 * Before the first probe the status is up, because a ready endpoint has answered
	 * calls already.
	 */
	static Status ready(ProbeResult probe) {
		return switch (probe.health()) {
			case UP -> Status.UP;
			case DOWN -> Status.DOWN;
			case UNKNOWN -> (probe.at() != null) ? Status.UNKNOWN : Status.UP;
		};
	}

}
