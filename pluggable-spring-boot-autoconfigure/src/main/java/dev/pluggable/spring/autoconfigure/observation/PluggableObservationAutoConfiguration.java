package dev.pluggable.spring.autoconfigure.observation;

import dev.pluggable.observation.CallListener;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.observation.CallObservationConvention;
import dev.pluggable.spring.observation.ObservationCallListener;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for observations of calls to components, if there is an
 * {@link ObservationRegistry}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = PluggableAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean(ObservationRegistry.class)
public final class PluggableObservationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(CallListener.class)
	ObservationCallListener pluggableObservationCallListener(ObservationRegistry registry,
			ObjectProvider<CallObservationConvention> convention) {
		return new ObservationCallListener(registry, convention.getIfAvailable());
	}

}
