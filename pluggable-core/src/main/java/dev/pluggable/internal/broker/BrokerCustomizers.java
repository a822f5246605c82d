package dev.pluggable.internal.broker;

import dev.pluggable.endpoint.ComponentChannelCustomizer;

/**
 * The customizers of the application for brokered connections.
 *
 * @param channels customizes the connections that plugins serve
 * @param services knows the customizer of the services that plugins call
 */
public record BrokerCustomizers(ComponentChannelCustomizer channels, HostServiceRegistry services) {

	/**
	 * Create customizers that change nothing.
	 * @return the customizers
	 */
	public static BrokerCustomizers none() {
		return new BrokerCustomizers((endpoint, builder) -> {
		}, new HostServiceRegistry());
	}

}
