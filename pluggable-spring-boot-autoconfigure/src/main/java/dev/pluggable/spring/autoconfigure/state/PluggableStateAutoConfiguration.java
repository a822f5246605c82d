package dev.pluggable.spring.autoconfigure.state;

import dev.pluggable.ComponentRegistry;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.state.StateTemplate;
import dev.pluggable.state.StateStore;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/**
 * Auto-configuration for a {@link StateTemplate} that uses the {@link JsonMapper} of the
 * application.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PluggableAutoConfiguration.class,
		afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnClass(JsonMapper.class)
@ConditionalOnBean(ComponentRegistry.class)
public final class PluggableStateAutoConfiguration {

	/**
	 * The template is lazy, because injection of the store fails if several stores exist
	 * and none of them is primary.
	 */
	@Bean
	@Lazy
	@ConditionalOnMissingBean
	StateTemplate pluggableStateTemplate(StateStore store, ObjectProvider<JsonMapper> mapper) {
		return new StateTemplate(store, mapper.getIfAvailable(() -> JsonMapper.builder().findAndAddModules().build()));
	}

}
