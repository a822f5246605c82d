package dev.pluggable.sample.median.plugins;

import dev.pluggable.ComponentClient;
import dev.pluggable.internal.support.Checks;

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
		Checks.notNull(provider, "provider");
		Checks.notNull(contractId, "contractId");
		return new GrpcReportingPluginFactory(this.client, provider, contractId);
	}

}
