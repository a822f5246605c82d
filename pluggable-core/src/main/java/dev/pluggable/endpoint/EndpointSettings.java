package dev.pluggable.endpoint;

import java.time.Duration;

/**
 * How endpoints are kept reachable.
 *
 * @param connectTimeout how long connecting and asking for the services may take together
 * @param probeInterval how often a healthy endpoint is probed
 * @param probeTimeout how long a health probe may take
 * @param drainTimeout how long calls on a replaced generation may go on
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
