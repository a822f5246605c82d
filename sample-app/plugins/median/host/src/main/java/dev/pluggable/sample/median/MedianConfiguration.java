package dev.pluggable.sample.median;

import dev.pluggable.sample.proto.median.v1.PluginMedian;
import dev.pluggable.sample.proto.median.v1.PluginRelayer;
import dev.pluggable.spring.contract.EnableContract;
import dev.pluggable.spring.plugin.HostService;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Defines the kinds of plugins, the host services that they may use, and the job that
 * works with them.
 */
@EnableContract({ PluginRelayer.class, PluginMedian.class })
@Configuration(proxyBeanMethods = false)
class MedianConfiguration {

	@Bean
	@HostService
	MemoryKeystore keystore(MedianProperties properties) {
		return new MemoryKeystore(properties.accounts());
	}

	@Bean
	@HostService
	PriceFeed priceFeed() {
		return new PriceFeed();
	}

	@Bean
	@HostService
	LatestErrors latestErrors() {
		return new LatestErrors();
	}

	@Bean
	MedianJob medianJob(PluginRelayer relayer, PluginMedian median, MedianProperties properties) {
		return new MedianJob(relayer, median, properties);
	}

}
