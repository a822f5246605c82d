package dev.pluggable.sample.median.plugins;

import java.util.Optional;

/**
 * Access to one contract for a median job: several services on one connection. The median
 * plugin uses most of these services itself.
 *
 * @since 0.1.0
 */
public interface MedianProvider extends PluginObject {

	/**
	 * Get the digest of a configuration, which identifies a protocol instance.
	 * @param config the configuration
	 * @return the digest, 32 bytes
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	byte[] configDigest(ContractConfig config);

	/**
	 * Get the latest transmission to the contract.
	 * @return the latest transmission, empty if nothing was transmitted
	 * @throws dev.pluggable.PluggableException if the call fails
	 */
	Optional<Transmission> latestTransmission();

}
