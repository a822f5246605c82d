package dev.pluggable.sample.median.plugins;

/**
 * A configuration of a contract.
 *
 * @param faulty how many of the oracles may be faulty
 * @param offchainConfig what else they agree on
 * @since 0.1.0
 */
public record ContractConfig(int faulty, String offchainConfig) {

	/**
	 * How many oracles there must be.
	 * @return three times the faulty ones, and one
	 */
	public int oracles() {
		return 3 * this.faulty + 1;
	}

}
