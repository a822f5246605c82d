package dev.pluggable;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * The result of a health probe, which calls {@code grpc.health.v1} where the component
 * offers it, otherwise the {@code Ping} of the kind, and besides the report of the kind
 * about the parts of the component. Immutable.
 *
 * @param health health of the component
 * @param detail the call that was made, or its failure; {@code null} if there is nothing
 * to say
 * @param at the moment at which the probe ended, {@code null} if there was none yet
 * @param parts the failures of the parts by their names, in which a dot separates a part
 * from its parent; an empty failure stands for a part that is well. Empty for a component
 * that reports none
 * @since 0.1.0
 */
public record ProbeResult(Health health, @Nullable String detail, @Nullable Instant at, Map<String, String> parts) {

	/**
	 * Create a result.
	 */
	public ProbeResult {
		parts = parts.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(parts));
	}

	/**
	 * Create a result without parts.
	 * @param health health of the component
	 * @param detail the call that was made, or its failure; {@code null} if there is
	 * nothing to say
	 * @param at the moment at which the probe ended, {@code null} if there was none yet
	 */
	public ProbeResult(Health health, @Nullable String detail, @Nullable Instant at) {
		this(health, detail, at, Map.of());
	}

	/**
	 * There was no probe yet.
	 */
	public static final ProbeResult NONE = new ProbeResult(Health.UNKNOWN, null, null);

	/**
	 * The results of a probe.
	 */
	public enum Health {

		/**
		 * The component answered that it is healthy.
		 */
		UP,

		/**
		 * The component answered that it is not healthy, or did not answer in time.
		 */
		DOWN,

		/**
		 * The component offers no health check, or there was no probe yet.
		 */
		UNKNOWN

	}

}
