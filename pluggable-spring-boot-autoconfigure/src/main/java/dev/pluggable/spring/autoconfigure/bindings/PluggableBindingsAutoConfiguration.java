package dev.pluggable.spring.autoconfigure.bindings;

import dev.pluggable.ComponentImplementation;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.InputBindingKind;
import dev.pluggable.bindings.OutputBinding;
import dev.pluggable.bindings.OutputBindingKind;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.bindings.CronBinding;
import dev.pluggable.spring.bindings.HttpBinding;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/**
 * Auto-configuration for the built-in binding {@code bindings.cron} and, if
 * {@link RestClient} is on the classpath, for {@code bindings.http}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = PluggableAutoConfiguration.class)
public final class PluggableBindingsAutoConfiguration {

	@Bean
	static ComponentImplementation<InputBinding> pluggableCronBinding() {
		return new ComponentImplementation<>(InputBindingKind.INSTANCE, "cron", CronBinding::create);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RestClient.class)
	static class HttpBindingConfiguration {

		@Bean
		static ComponentImplementation<OutputBinding> pluggableHttpBinding() {
			return new ComponentImplementation<>(OutputBindingKind.INSTANCE, "http", HttpBinding::create);
		}

	}

}
