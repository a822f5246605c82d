package dev.pluggable.sample.median.plugins;

/**
 * Creates the reporting plugin of a configuration.
 *
 * @since 0.1.0
 */
public interface ReportingPluginFactory extends PluginObject {

	/**
	 * Create the reporting plugin. A factory has one reporting plugin. This method does
	 * not wait.
	 * @param config configuration of the contract; the provider computes its digest
	 * @return the reporting plugin, to be closed by the caller
	 */
	ReportingPlugin newReportingPlugin(ContractConfig config);

}
