package dev.pluggable.sample.median.plugins;

import dev.pluggable.ComponentKind;
import dev.pluggable.sample.proto.median.v1.PluginMedianGrpc;

/**
 * A plugin that makes reports from the observations of oracles. An application injects
 * this interface for a launched process that serves
 * {@code sample.median.v1.PluginMedian}.
 *
 * @since 0.1.0
 */
public interface MedianPlugin {

	/**
	 * The kind: a process that serves {@code sample.median.v1.PluginMedian} on its main
	 * connection.
	 */
	ComponentKind<MedianPlugin> KIND = ComponentKind.of("median", MedianPlugin.class, PluginMedianGrpc.SERVICE_NAME,
			GrpcMedianPlugin::new);

	/**
	 * Create a factory in the plugin, which has one factory for each contract. The
	 * factory gets the provider, and the data source and the error log of the
	 * application, which must be host services. This method does not wait.
	 * @param provider the provider, of another plugin
	 * @param contractId the provider's contract
	 * @return the factory, to be closed by the caller
	 */
	ReportingPluginFactory newMedianFactory(MedianProvider provider, String contractId);

}
