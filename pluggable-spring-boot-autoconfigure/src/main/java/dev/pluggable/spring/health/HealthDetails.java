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
					.with("parts", probe.parts().isEmpty() ? null : tree(probe.parts()))
					.asMap());
	}

	/**
	 * Arrange the parts of a component as a tree. A dot in the name of a part separates
	 * the part from its parent.
	 */
	private static Map<String, Object> tree(Map<String, String> parts) {
		Part root = new Part();
		parts.forEach((name, failure) -> {
			Part part = root;
			for (String step : name.split("\\.")) {
				part = part.children.computeIfAbsent(step, (key) -> new Part());
			}
			part.failure = failure;
		});
		return root.describeChildren();
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

	/**
	 * A part of a component, of which nothing may be known but its own parts.
	 */
	private static final class Part {

		private final Map<String, Part> children = new LinkedHashMap<>();

		private @Nullable String failure;

		Map<String, Object> describeChildren() {
			Map<String, Object> described = new LinkedHashMap<>();
			this.children.forEach((name, part) -> described.put(name, part.describe()));
			return described;
		}

		private Map<String, Object> describe() {
			String failure = this.failure;
			HealthDetails details = new HealthDetails();
			if (failure != null) {
				details.with("health", failure.isEmpty() ? ProbeResult.Health.UP : ProbeResult.Health.DOWN)
					.with("detail", failure.isEmpty() ? null : failure);
			}
			return details.with("parts", this.children.isEmpty() ? null : describeChildren()).asMap();
		}

	}

}
