package dev.pluggable.endpoint;

import java.time.Duration;

/**
 * Time limits and intervals of all endpoints. Immutable.
 *
 * @param connectTimeout the longest duration of one attempt: to connect and to list the
 * services
 * @param probeInterval the time between two probes of a healthy endpoint
 * @param probeTimeout the longest duration of a health probe
 * @param drainTimeout the longest duration of calls and handlers of messages on a
 * generation that was replaced; most end earlier by their own time limits
 * @since 0.1.0
 */
public record EndpointSettings(Duration connectTimeout, Duration probeInterval, Duration probeTimeout,
		Duration drainTimeout) {

	/**
	 * Create settings.
	 * @throws IllegalArgumentException if a time is not positive or longer than a year
	 */
	public EndpointSettings {
		ComponentSettings.requirePositive("connectTimeout", connectTimeout);
		ComponentSettings.requirePositive("probeInterval", probeInterval);
		ComponentSettings.requirePositive("probeTimeout", probeTimeout);
		ComponentSettings.requirePositive("drainTimeout", drainTimeout);
	}

}
