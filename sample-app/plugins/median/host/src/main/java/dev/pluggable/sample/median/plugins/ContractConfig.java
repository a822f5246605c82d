package dev.pluggable.sample.median.plugins;

/**
 * The configuration of a contract.
 *
 * @param faulty how many of the oracles may be faulty
 * @param offchainConfig further configuration that the oracles agree on
 * @since 0.1.0
 */
public record ContractConfig(int faulty, String offchainConfig) {

	/**
	 * The number of oracles.
	 * @return three times the number of faulty oracles, plus one
	 */
	public int oracles() {
		return 3 * this.faulty + 1;
	}

}
