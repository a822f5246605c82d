package dev.pluggable.sample.median.plugins;

/**
 * Access to one chain.
 *
 * @since 0.1.0
 */
public interface Relayer extends PluginObject {

	/**
	 * Get the chain and the account that signs.
	 * @return name of the network and account of the keystore
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	ChainInfo chainInfo();

	/**
	 * Create a provider in the plugin. A relayer has one provider for each contract. This
	 * method does not wait.
	 * @param contractId the contract; the relayer creates a contract that does not exist
	 * @return the provider, to be closed by the caller
	 */
	MedianProvider newProvider(String contractId);

	/**
	 * A chain as a relayer sees it.
	 *
	 * @param network name of the chain, as configured
	 * @param account account of the keystore that signs
	 */
	record ChainInfo(String network, String account) {
	}

}
