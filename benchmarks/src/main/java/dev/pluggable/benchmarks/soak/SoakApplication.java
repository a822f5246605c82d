package dev.pluggable.benchmarks.soak;

import dev.pluggable.spring.plugin.HostService;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * The application whose components fail.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class SoakApplication {

	@Bean
	static AccountKind accountKind() {
		return AccountKind.INSTANCE;
	}

	@Bean
	@HostService
	Ledger ledger() {
		return new Ledger();
	}

}
