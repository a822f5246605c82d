package dev.pluggable;

import java.time.Instant;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a component at one moment.
 *
 * @param state the state
 * @param reason why the component is not ready, or what is wrong although it is; one
 * line, without secrets; {@code null} if all is well
 * @param features what the component said it can do, exactly as it spelled it; empty
 * before the first {@code Init}
 * @param generation number of the endpoint's generation that the component was last
 * initialised on, starting with 1; 0 before the first and for built-in components
 * @param probe outcome of the last health probe
 * @param since when the state was entered
 * @since 0.1.0
 */
public record ComponentStatus(ComponentState state, @Nullable String reason, Set<String> features, long generation,
		ProbeResult probe, Instant since) {

	public ComponentStatus {
		features = Set.copyOf(features);
	}

}
