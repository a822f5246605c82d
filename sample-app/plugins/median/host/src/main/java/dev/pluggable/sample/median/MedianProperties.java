package dev.pluggable.sample.median;

import java.util.List;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the job.
 *
 * @param accounts accounts of the keystore
 * @param relayerConfig configuration of the relayer, a JSON object
 * @param contract id of the contract
 * @param faulty how many of the oracles may be faulty
 * @param offchainConfig further configuration that the oracles agree on
 */
@ConfigurationProperties("median")
record MedianProperties(@DefaultValue("alice") List<String> accounts,
		@DefaultValue("{\"network\": \"localnet\"}") String relayerConfig, @DefaultValue("eth-usd") String contract,
		@DefaultValue("1") int faulty, @DefaultValue("") String offchainConfig) {
}
