package dev.pluggable.sample.median.plugins;

import java.util.Objects;

import dev.pluggable.ComponentClient;

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
		Objects.requireNonNull(config, "config");
		return new GrpcRelayer(this.client, config);
	}

}
