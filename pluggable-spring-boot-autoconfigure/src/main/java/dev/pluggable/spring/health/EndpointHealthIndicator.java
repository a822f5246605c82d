package dev.pluggable.spring.health;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.pluggable.ProbeResult;
import dev.pluggable.endpoint.EndpointState;
import dev.pluggable.endpoint.EndpointStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Health of one endpoint. An endpoint without components is never down, so a foreign
 * socket in a shared folder does not affect the health of the application.
 */
final class EndpointHealthIndicator implements HealthIndicator {

	private final EndpointStatus status;

	private final boolean used;

	private final Map<String, String> conflicts;

	EndpointHealthIndicator(EndpointStatus status, boolean used, Map<String, String> conflicts) {
		this.status = status;
		this.used = used;
		this.conflicts = conflicts;
	}

	@Override
	public Health health() {
		EndpointStatus status = this.status;
		return new HealthDetails().with("state", status.state())
			.with("reason", reason())
			.with("socket", Objects.toString(status.socket(), null))
			.with("address", status.address())
			.with("generation", status.generation())
			.with("peer", Objects.toString(status.peer(), null))
			.with("reconnects", status.reconnects())
			.with("lastError", status.lastError())
			.with("services", List.copyOf(status.services()))
			.with("conflicts", this.conflicts.isEmpty() ? null : this.conflicts)
			.with("since", status.since())
			.with(status.probe())
			.health(determineStatus());
	}

	private Status determineStatus() {
		Status status = ready() ? HealthDetails.ready(this.status.probe()) : Status.DOWN;
		return (status.equals(Status.DOWN) && !this.used) ? Status.UNKNOWN : status;
	}

	private @Nullable String reason() {
		if (ready() && this.status.probe().health() == ProbeResult.Health.DOWN) {
			return this.status.probe().detail();
		}
		return this.status.reason();
	}

	private boolean ready() {
		return this.status.state() == EndpointState.READY;
	}

}
