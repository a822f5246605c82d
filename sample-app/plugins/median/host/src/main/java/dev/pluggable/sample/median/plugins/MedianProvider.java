package dev.pluggable.sample.median.plugins;

import java.util.Optional;

/**
 * What a median job needs to know of a contract and to do with it: several services on
 * one connection. The median plugin uses most of them itself.
 *
 * @since 0.1.0
 */
public interface MedianProvider extends PluginObject {

	/**
	 * Which protocol instance a configuration of the contract belongs to.
	 * @param config the configuration
	 * @return the digest, 32 bytes
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	byte[] configDigest(ContractConfig config);

	/**
	 * What the contract has.
	 * @return the latest transmission, empty if nothing was transmitted
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	Optional<Transmission> latestTransmission();

}
