package dev.pluggable.sample.median.plugins;

/**
 * A plugin that makes reports of what oracles observe: what an application injects of a
 * launched process that serves {@code sample.median.v1.PluginMedian}.
 *
 * @since 0.1.0
 */
public interface MedianPlugin {

	/**
	 * Have a factory created, of which a plugin has one for each contract. It gets the
	 * provider, and the application's data source and error log, which must be host
	 * services. Does not wait.
	 * @param provider the provider, of another plugin
	 * @param contractId the provider's contract
	 * @return the factory, to be closed by the caller
	 */
	ReportingPluginFactory newMedianFactory(MedianProvider provider, String contractId);

}
