package dev.pluggable.sample.median.plugins;

/**
 * Access to one chain.
 *
 * @since 0.1.0
 */
public interface Relayer extends PluginObject {

	/**
	 * What chain it is, and who signs.
	 * @return name of the network and account of the keystore
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	ChainInfo chainInfo();

	/**
	 * Have a provider created, of which a relayer has one for each contract. Does not
	 * wait.
	 * @param contractId the contract, which comes to be if it is not there
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
