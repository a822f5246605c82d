package dev.pluggable.sample.median.plugins;

/**
 * A plugin that gives access to a chain: what an application injects of a launched
 * process that serves {@code sample.median.v1.PluginRelayer}.
 *
 * @since 0.1.0
 */
public interface RelayerPlugin {

	/**
	 * Have the relayer created, of which a plugin has one. It gets the application's
	 * keystore, which must be a host service. Does not wait.
	 * @param config a JSON object: {@code network}, required, is the name of the chain;
	 * {@code account} is the account of the keystore that signs, by default the first
	 * @return the relayer, to be closed by the caller
	 */
	Relayer newRelayer(String config);

}
