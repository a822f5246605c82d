package dev.pluggable.spring.health;

import java.util.List;
import java.util.Map;

import dev.pluggable.Component;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentStatus;
import dev.pluggable.ProbeResult;
import dev.pluggable.spring.host.ComponentBeans;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Health of one component.
 */
final class ComponentHealthIndicator implements HealthIndicator {

	private final Component<?> component;

	private final @Nullable ComponentBeans beans;

	private final @Nullable List<Map<String, Object>> listeners;

	ComponentHealthIndicator(Component<?> component, @Nullable ComponentBeans beans,
			@Nullable List<Map<String, Object>> listeners) {
		this.component = component;
		this.beans = beans;
		this.listeners = listeners;
	}

	@Override
	public Health health() {
		ComponentStatus status = this.component.status();
		boolean ready = status.state() == ComponentState.READY;
		return new HealthDetails().with("kind", this.component.kind().name())
			.with("type", this.component.type().toString())
			.with("state", status.state())
			.with("reason", reason(status, ready))
			.with("endpoint", this.component.endpoint())
			.with("generation", status.generation())
			.with("required", this.component.required())
			.with("since", status.since())
			.with(status.probe())
			.with("beanProblem", (this.beans != null) ? this.beans.problem(this.component).orElse(null) : null)
			.with("contractProblems",
					this.component.contractProblems().isEmpty() ? null : this.component.contractProblems())
			.with("listeners", this.listeners)
			.health(status(status, ready));
	}

	/**
	 * Return the status. A component that another bean replaces does not matter.
	 */
	private Status status(ComponentStatus status, boolean ready) {
		if (this.beans != null && this.beans.isReplaced(this.component)) {
			return Status.UNKNOWN;
		}
		return ready ? HealthDetails.ready(status.probe()) : Status.DOWN;
	}

	private static @Nullable String reason(ComponentStatus status, boolean ready) {
		if (ready && status.probe().health() == ProbeResult.Health.DOWN) {
			return status.probe().detail();
		}
		return status.reason();
	}

}
