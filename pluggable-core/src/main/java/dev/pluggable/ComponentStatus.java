package dev.pluggable;

import java.time.Instant;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The status of a component at one moment. Immutable.
 *
 * @param state the state
 * @param reason the reason why the component is not ready, or the fault of a component
 * that is ready; one line without secrets; {@code null} if there is no fault
 * @param features features that the component reported, exactly as it spells them; empty
 * before the first {@code Init}
 * @param generation number of the generation on which the component was last initialised;
 * 0 before the first one and for built-in components
 * @param probe result of the last health probe
 * @param since the moment at which the component entered the state
 * @since 0.1.0
 */
public record ComponentStatus(ComponentState state, @Nullable String reason, Set<String> features, long generation,
		ProbeResult probe, Instant since) {

	/**
	 * Create a status.
	 */
	public ComponentStatus {
		features = Set.copyOf(features);
	}

}
