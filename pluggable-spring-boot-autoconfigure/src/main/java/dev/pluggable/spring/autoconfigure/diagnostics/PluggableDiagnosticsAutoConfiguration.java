package dev.pluggable.spring.autoconfigure.diagnostics;

import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration that keeps what failure analyzers need.
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
