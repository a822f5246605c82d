package dev.pluggable.sample.median.plugins;

import java.util.Objects;

import dev.pluggable.ComponentClient;

/**
 * Proxy of a median plugin.
 */
final class GrpcMedianPlugin implements MedianPlugin {

	private final ComponentClient client;

	GrpcMedianPlugin(ComponentClient client) {
		this.client = client;
	}

	@Override
	public ReportingPluginFactory newMedianFactory(MedianProvider provider, String contractId) {
		Objects.requireNonNull(provider, "provider");
		Objects.requireNonNull(contractId, "contractId");
		return new GrpcReportingPluginFactory(this.client, provider, contractId);
	}

}
