package dev.pluggable.sample.median.plugins;

import dev.pluggable.ComponentClient;
import dev.pluggable.internal.support.Checks;

/**
 * Proxy of a relayer plugin.
 */
final class GrpcRelayerPlugin implements RelayerPlugin {

	private final ComponentClient client;

	GrpcRelayerPlugin(ComponentClient client) {
		this.client = client;
	}

	@Override
	public Relayer newRelayer(String config) {
		Checks.notNull(config, "config");
		return new GrpcRelayer(this.client, config);
	}

}
