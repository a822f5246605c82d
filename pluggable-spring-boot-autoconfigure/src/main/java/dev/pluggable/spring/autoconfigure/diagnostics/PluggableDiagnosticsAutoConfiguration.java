package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the beans that failure analyzers use.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PluggableAutoConfiguration.class)
public final class PluggableDiagnosticsAutoConfiguration {

	@Bean
	static HostReference pluggableHostReference() {
		return new HostReference();
	}

}
