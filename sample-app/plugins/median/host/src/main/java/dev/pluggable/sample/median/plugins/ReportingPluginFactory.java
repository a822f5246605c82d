package dev.pluggable.sample.median.plugins;

/**
 * Makes the reporting plugin of a configuration.
 *
 * @since 0.1.0
 */
public interface ReportingPluginFactory extends PluginObject {

	/**
	 * Have the reporting plugin created, of which a factory has one. Does not wait.
	 * @param config configuration of the contract, whose digest the provider says
	 * @return the reporting plugin, to be closed by the caller
	 */
	ReportingPlugin newReportingPlugin(ContractConfig config);

}
