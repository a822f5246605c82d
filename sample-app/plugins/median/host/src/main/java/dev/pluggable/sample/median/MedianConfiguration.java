package dev.pluggable.sample.median;

import dev.pluggable.ComponentKind;
import dev.pluggable.sample.median.plugins.MedianPlugin;
import dev.pluggable.sample.median.plugins.RelayerPlugin;
import dev.pluggable.spring.plugin.HostService;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Defines the kinds of plugins, the host services that they may use, and the job that
 * works with them.
 */
@Configuration(proxyBeanMethods = false)
class MedianConfiguration {

	@Bean
	static ComponentKind<RelayerPlugin> relayerPluginKind() {
		return RelayerPlugin.KIND;
	}

	@Bean
	static ComponentKind<MedianPlugin> medianPluginKind() {
		return MedianPlugin.KIND;
	}

	@Bean
	Keystore keystore(MedianProperties properties) {
		return new Keystore(properties.accounts());
	}

	@Bean
	PriceFeed priceFeed() {
		return new PriceFeed();
	}

	@Bean
	ErrorLog errorLog() {
		return new ErrorLog();
	}

	@Bean
	@HostService
	KeystoreService keystoreService(Keystore keystore) {
		return new KeystoreService(keystore);
	}

	@Bean
	@HostService
	DataSourceService dataSourceService(PriceFeed feed) {
		return new DataSourceService(feed);
	}

	@Bean
	@HostService
	ErrorLogService errorLogService(ErrorLog errorLog) {
		return new ErrorLogService(errorLog);
	}

	@Bean
	MedianJob medianJob(RelayerPlugin relayerPlugin, MedianPlugin medianPlugin, MedianProperties properties) {
		return new MedianJob(relayerPlugin, medianPlugin, properties);
	}

}
